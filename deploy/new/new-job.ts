import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {commandNames, type Job} from '../../lib/job/job.ts'
import {type JobName, parseJobPath} from '../../lib/job/job-name.ts'
import {UsageError} from '../cli/usage-error.ts'

/** What the files of a new job are made from. */
export type NewJob = JobName & {
  /** The name that its operation has: in file names, `daily-cost-report`, and as a method, `runDailyCostReport`. */
  readonly operation: string
  readonly method: string
  /** In sentences: `cost report`. */
  readonly words: string
  readonly schedule: string | undefined
  readonly shortcuts: readonly string[]
}

/**
 * @param path as it was typed: `daily/cost-report`.
 * @param jobs there are already.
 * @throws UsageError for a name that is none, or taken.
 */
export function planNewJob(path: string, jobs: readonly Job[], root: string): NewJob {
  const name = parseName(path)
  const stem = name.path.slice(name.path.lastIndexOf('/') + 1, -'.ts'.length)
  const taken = new Set(jobs.flatMap(commandNames))
  const owner = jobs.find(job => commandNames(job).includes(name.name))
  if (owner !== undefined && owner.name !== name.name) {
    const kind = owner.shortcuts.includes(name.name) ? 'a shortcut' : 'the full name'
    throw new UsageError(`${name.name} is ${kind} of the job ${owner.name} (${owner.path}): choose another name`)
  }
  if (owner !== undefined || existsSync(join(root, name.path))) {
    throw new UsageError(`there is a job ${name.name} already: ${owner?.path ?? name.path}`)
  }
  const operation = `${name.group}-${stem}`
  return {
    ...name,
    operation,
    method: `run${operation.split('-').map(capitalize).join('')}`,
    words: stem.replaceAll('-', ' '),
    schedule: name.group === 'manual' ? undefined : freeSchedule(name.group, jobs),
    shortcuts: stem === name.name || taken.has(stem) ? [] : [stem],
  }
}

function parseName(path: string): JobName {
  try {
    return parseJobPath(`functions/${path.replace(/^functions\//, '').replace(/\.ts$/, '')}.ts`)
  } catch {
    // Without its cause, which says the same.
    const wanted =
      'daily/<name>, monthly/<name> or manual/<name>, in kebab-case and at most 63 characters as cloudact-…'
    throw new UsageError(`"${path}" is no place for a job: name it ${wanted}`)
  }
}

/** After the jobs of the night, at a minute that no other job has. */
function freeSchedule(group: 'daily' | 'monthly', jobs: readonly Job[]): string {
  const taken = new Set(jobs.map(({schedule}) => schedule))
  const day = group === 'daily' ? '*' : '1'
  for (let minutes = 9 * 60; ; minutes += 5) {
    const schedule = `${minutes % 60} ${Math.floor(minutes / 60) % 24} ${day} * *`
    if (!taken.has(schedule)) return schedule
  }
}

function capitalize(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`
}
