import type {JobDeclaration} from '../lib/job.ts'

/**
 * Imports a file of `functions/`. In prepared commands, which have all jobs built in, this file is replaced.
 *
 * @param path below the root, with slashes: `functions/daily/alerts.ts`.
 * @param root with a final slash.
 */
export async function importJob(path: string, root: string): Promise<{default?: JobDeclaration}> {
  return import(new URL(path, `file://${root}`).href)
}
