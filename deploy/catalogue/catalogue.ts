import {fileURLToPath} from 'node:url'
import {distance} from 'fastest-levenshtein'
import {ConfigurationError} from '../../lib/errors/configuration-error.ts'
import {checkCatalogue, commandNames, type Job, toJob} from '../../lib/job/job.ts'
import {UsageError} from '../cli/usage-error.ts'
import {environmentNames} from './environments.ts'
import {findJobPaths, importJob} from './import-job.ts'
import {whyRetired} from './retired-jobs.ts'

/** The project's root, with a final slash. */
export const projectRoot = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Every job of the project, by name: one file below `functions/` each, and nothing else to edit.
 *
 * @throws ConfigurationError if a file declares no job, or two jobs contradict each other.
 */
export async function loadCatalogue(root = projectRoot): Promise<readonly Job[]> {
  const paths = await findJobPaths(root)
  const jobs = await Promise.all(
    paths.map(async path => {
      const module = await importJob(path, root)
      if (module.default === undefined) throw new ConfigurationError([`${path} has no default export: defineJob({…})`])
      return toJob(path, module.default)
    }),
  )
  checkCatalogue(jobs)
  return jobs.toSorted((a, b) => a.name.localeCompare(b.name))
}

/** Names of jobs that the Python scripts had, and why there is no such job any more. */
const retired: readonly (readonly [name: RegExp, why: string])[] = [
  [
    /(?:^|-)(?:5|15)min(?:-|$)/,
    'retired: the admin API heals stuck counters by itself, with stale-cleanup as its daily safety net',
  ],
  [/(?:^|-)billing(?:-|$)/, 'retired: the pipelines job runs what computed costs, and nothing bills'],
]

/**
 * The job that an operator means: by name, full name or shortcut.
 *
 * @throws UsageError that lists all jobs, the nearest first, and ends with the reason.
 */
export function findJob(jobs: readonly Job[], name: string): Job {
  const found = jobs.find(job => commandNames(job).includes(name))
  if (found !== undefined) return found
  const why = whyRetired(name)
  if (why !== undefined) throw new UsageError(`the job "${name}" is retired, and nothing replaces it: ${why}`)
  const near = (job: Job) => Math.min(...commandNames(job).map(known => distance(known, name)))
  const sorted = jobs.toSorted((a, b) => near(a) - near(b))
  const lines = sorted.map(job => `  ${commandNames(job).join(', ')}`)
  throw new UsageError(
    `The jobs and their names, the nearest first:\n${lines.join('\n')}\n${reasonFor(
      name,
      sorted.find(job => near(job) <= maxTypos(name)),
    )}`,
  )
}

/** How many letters may differ for a name to be a mistyped other one. */
function maxTypos(name: string): number {
  return Math.min(3, Math.ceil(name.length / 3))
}

function reasonFor(name: string, nearest: Job | undefined): string {
  const why = retired.find(([pattern]) => pattern.test(name))?.[1]
  if (why !== undefined) return `there is no job "${name}" any more: ${why}`
  if (environmentNames.some(known => known === name)) {
    return `"${name}" is an environment, not a job: write it before --only, and after the job for publish`
  }
  return `there is no job "${name}"${nearest === undefined ? '' : `: did you mean ${nearest.name}?`}`
}
