import {glob} from 'node:fs/promises'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import type {JobDeclaration} from '../../lib/job/job.ts'

/*
 * Where the jobs come from: the files of `functions/`. In prepared commands, which have all jobs built in, this file is
 * replaced.
 */

/** Paths below the root (which has a final slash), with slashes: `functions/daily/alerts.ts`. */
export async function findJobPaths(root: string): Promise<string[]> {
  const paths = await Array.fromAsync(glob('functions/*/*.ts', {cwd: root}))
  return paths.map(path => path.replaceAll('\\', '/')).sort()
}

export async function importJob(path: string, root: string): Promise<{default?: JobDeclaration}> {
  return import(pathToFileURL(join(root, path)).href)
}
