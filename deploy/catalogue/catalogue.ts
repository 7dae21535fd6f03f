import {fileURLToPath} from 'node:url'
import {distance} from 'fastest-levenshtein'
import {ConfigurationError} from '../../lib/errors/configuration-error.ts'
import {checkCatalogue, commandNames, type Job, toJob} from '../../lib/job/job.ts'
import {UsageError} from '../cli/usage-error.ts'
import {findJobPaths, importJob} from './import-job.ts'

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

/**
 * The job that a person means: by name, full name or shortcut.
 *
 * @throws UsageError that lists all jobs, the nearest first.
 */
export function findJob(jobs: readonly Job[], name: string): Job {
  const found = jobs.find(job => commandNames(job).includes(name))
  if (found !== undefined) return found
  const near = (job: Job) => Math.min(...commandNames(job).map(known => distance(known, name)))
  const lines = jobs.toSorted((a, b) => near(a) - near(b)).map(job => `  ${commandNames(job).join(', ')}`)
  throw new UsageError(`there is no job "${name}". The jobs and their names, the nearest first:\n${lines.join('\n')}`)
}
