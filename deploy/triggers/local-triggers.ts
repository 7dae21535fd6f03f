import {mkdir, readFile, rename, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import * as z from 'zod'
import type {Job} from '../../lib/job.ts'
import {findRunningSandbox} from '../local/sandbox-file.ts'
import type {Triggers} from './triggers.ts'

const fileName = 'paused.json'
const schema = z.array(z.string())

/** The sandbox's schedules: `npm run local -- --schedule` fires them, and asks each time whether one is paused. */
export function createLocalTriggers(jobs: readonly Job[], folder: string): Triggers {
  const change = async (job: Job, isPaused: boolean) => {
    const others = [...(await readPaused(folder))].filter(name => name !== job.name)
    await mkdir(folder, {recursive: true})
    const path = join(folder, fileName)
    await writeFile(`${path}.new`, `${JSON.stringify(isPaused ? [...others, job.name].sort() : others)}\n`)
    await rename(`${path}.new`, path)
  }
  return {
    async states() {
      const [paused, sandbox] = await Promise.all([readPaused(folder), findRunningSandbox(folder)])
      const otherwise = sandbox?.firesSchedules === true ? 'enabled' : 'off'
      return new Map(
        jobs.flatMap(({name, schedule}) =>
          schedule === undefined ? [] : [[name, paused.has(name) ? 'paused' : otherwise] as const],
        ),
      )
    },
    pause: job => change(job, true),
    resume: job => change(job, false),
  }
}

/**
 * Names of the jobs whose schedule is paused in the sandbox.
 *
 * @throws Error if the file holds something else: to fire what somebody paused is worse than to stop.
 */
export async function readPaused(folder: string): Promise<ReadonlySet<string>> {
  const path = join(folder, fileName)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '[]'
    throw error
  })
  const parsed = z.string().transform(parseJson).pipe(schema).safeParse(text)
  if (parsed.success) return new Set(parsed.data)
  throw new Error(`${path} is no list of jobs: remove it, and pause again what should be`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
