import {createHash} from 'node:crypto'
import {glob, readFile} from 'node:fs/promises'
import {join} from 'node:path'

/** Of a staged folder: which commit it was made from. */
export const versionFile = 'version.mjs'

/**
 * Tells one staged folder from another, short enough for a label. The same sources give the same hash wherever and from
 * whatever commit they are built.
 */
export async function hashFolder(folder: string): Promise<string> {
  const entries = await Array.fromAsync(glob('**/*', {cwd: folder, withFileTypes: true}))
  const files = entries
    .filter(entry => entry.isFile() && entry.name !== versionFile)
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
  const hash = createHash('sha256')
  for (const file of files) {
    hash.update(file.slice(folder.length).replaceAll('\\', '/')).update('\0')
    hash.update(await readFile(file)).update('\0')
  }
  return hash.digest('hex').slice(0, 32)
}
