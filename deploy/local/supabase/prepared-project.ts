import {createHash} from 'node:crypto'
import {chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import * as z from 'zod'
import {projectRoot} from '../../catalogue/catalogue.ts'

const cache = join(projectRoot, 'node_modules/.cache/supabase')
const packageSchema = z.object({version: z.string()})

/**
 * A new project's data, kept: to initialize a database takes PGlite ten times as long as to open one.
 *
 * @param sql what the project is prepared with; another text, or another PGlite, is another project.
 * @param prepare makes the data where they aren't kept yet.
 * @param folder where they are kept. A folder that can't be written or read costs time, and nothing else.
 */
export async function preparedProject(
  sql: string,
  prepare: () => Promise<Blob>,
  folder: string = cache,
): Promise<Blob> {
  const manifest = join(projectRoot, 'node_modules/@electric-sql/pglite/package.json')
  const {version} = packageSchema.parse(JSON.parse(await readFile(manifest, 'utf8')))
  const path = join(folder, `${createHash('sha256').update(`${version}\n${sql}`).digest('hex').slice(0, 16)}.tar`)
  const kept = await readFile(path).catch(() => undefined)
  if (kept !== undefined) return new Blob([kept])
  const made = await prepare()
  await keep(path, made).catch(() => undefined)
  return made
}

/** It appears complete, also when several commands make it at the same time; those of other versions are removed. */
async function keep(path: string, data: Blob): Promise<void> {
  const folder = dirname(path)
  await mkdir(dirname(folder), {recursive: true})
  const draft = await mkdtemp(`${folder}-`)
  try {
    const file = join(draft, 'project.tar')
    await writeFile(file, data.stream())
    // Nothing of a user's is in it, and another user of this checkout needs it too.
    await chmod(file, 0o644)
    await rm(folder, {recursive: true, force: true})
    await mkdir(folder)
    await chmod(folder, 0o755)
    await rename(file, path)
  } finally {
    await rm(draft, {recursive: true, force: true})
  }
}
