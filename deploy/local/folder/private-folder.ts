import {chmod, mkdir, readdir, stat, statfs} from 'node:fs/promises'
import {join} from 'node:path'

/** What the sandbox keeps in its folder; the folder may be one that SANDBOX_FOLDER names, and hold other things. */
const ownEntries =
  /^(sandbox\.json|lock\.(db|db-journal|json)|admin-api\.json|bigquery\.duckdb|journal\.jsonl|functions\.log|paused\.json|served-since\.json|supabase)(\..*)?$/

export function isOwnEntry(name: string): boolean {
  return ownEntries.test(name)
}

/** What a fresh sandbox writes, Supabase's database included, with some room to work. */
const neededMegabytes = 100

/**
 * Makes the sandbox's folder where it is missing, readable by its owner alone: it holds the organizations, the messages
 * and a token. A folder with other things in it keeps its mode; then it is the entries that are closed.
 *
 * @throws Error where it can't be made, or its disk is full.
 */
export async function makePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, {recursive: true, mode: 0o700})
  const {bavail, bsize} = await statfs(folder)
  const megabytes = Math.floor((bavail * bsize) / 2 ** 20)
  if (megabytes < neededMegabytes) {
    throw new Error(
      `the disk of ${folder} is full: ${megabytes} MB are left, and the sandbox needs ${neededMegabytes} MB. ` +
        'Free some, or name another folder with SANDBOX_FOLDER',
    )
  }
  await closeToOthers(folder)
}

/** Takes from everybody but the owner what the folder's entries allow. */
export async function closeToOthers(folder: string): Promise<void> {
  const {mode} = await stat(folder)
  if ((mode & 0o077) === 0) return
  const names = await readdir(folder)
  if (names.every(isOwnEntry)) return chmod(folder, 0o700)
  await Promise.all(
    names.filter(isOwnEntry).map(async name => {
      const path = join(folder, name)
      await chmod(path, (await stat(path)).isDirectory() ? 0o700 : 0o600)
    }),
  )
}
