import {createHash} from 'node:crypto'
import {existsSync} from 'node:fs'
import {cp, mkdtemp, readdir, readFile, rename, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {createProjectDatabase} from '../../../../deploy/local/supabase/database.ts'

const prepared = new URL('../../../../deploy/local/supabase/', import.meta.url)
const cache = fileURLToPath(new URL('../../../../node_modules/.cache/supabase-project/', import.meta.url))

/**
 * A folder that holds a new, prepared project, for `startSupabase({dataFolder})`: half a second to open, where making one
 * takes two to three. It is a copy of one that is made once for these sources and this PGlite, and kept beside the
 * packages; whoever asks removes the copy.
 */
export async function copyFreshProject(): Promise<string> {
  const template = join(cache, await keyOf(prepared))
  if (!existsSync(template)) await makeTemplate(template)
  const copy = await mkdtemp(join(tmpdir(), 'supabase-project-'))
  await cp(template, copy, {recursive: true})
  return copy
}

/** Under a name of its own until it is complete: several test files may ask at the same time. */
async function makeTemplate(template: string): Promise<void> {
  const draft = `${template}-${process.pid}`
  const database = createProjectDatabase({dataFolder: draft})
  await database.warmUp()
  await database.stop()
  await rename(draft, template).catch(async error => {
    // Another one was faster; theirs is the same.
    if (!existsSync(template)) throw error
    await rm(draft, {recursive: true})
  })
}

async function keyOf(sources: URL): Promise<string> {
  const hash = createHash('sha256')
  const names = (await readdir(sources, {recursive: true})).filter(name => /\.(sql|ts)$/.test(name)).sort()
  for (const name of names) hash.update(await readFile(new URL(name, sources)))
  hash.update(await readFile(new URL('../../../node_modules/@electric-sql/pglite/package.json', sources)))
  return hash.digest('hex').slice(0, 16)
}
