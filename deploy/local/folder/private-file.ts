import {mkdir, open, rename} from 'node:fs/promises'
import {dirname} from 'node:path'

/**
 * Writes a file of the sandbox's folder, readable by its owner alone. It is replaced, never written over: a process that
 * is killed leaves the old text or the new one.
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const draft = `${path}.new`
  await mkdir(dirname(path), {recursive: true, mode: 0o700})
  const file = await open(draft, 'w', 0o600)
  try {
    // The mode above is only for a file that is made, not for one that was left behind.
    await file.chmod(0o600)
    await file.writeFile(text)
  } finally {
    await file.close()
  }
  await rename(draft, path)
}
