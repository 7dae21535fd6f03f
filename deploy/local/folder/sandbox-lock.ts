import {chmodSync, readFileSync, renameSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import * as z from 'zod'

const holderSchema = z.object({pid: z.number(), startedAt: z.string()})

/** The process that has a sandbox's folder to itself, and since when. */
export type SandboxHolder = z.infer<typeof holderSchema>

export type SandboxLock = {readonly release: () => void}

/** Another sandbox has the folder. */
export class SandboxInUseError extends Error {
  override readonly name = 'SandboxInUseError'
  /** Undefined for a moment after it was taken. */
  readonly holder: SandboxHolder | undefined

  constructor(folder: string, holder: SandboxHolder | undefined) {
    super(`the sandbox in ${folder} is in use by ${describeHolder(holder)}`)
    this.holder = holder
  }
}

export function describeHolder(holder: SandboxHolder | undefined): string {
  return holder === undefined ? 'another process' : `process ${holder.pid}, since ${holder.startedAt}`
}

const lockFile = 'lock.db'
const holderFile = 'lock.json'

/**
 * Takes a sandbox's folder for this process alone, before anything in it is opened. SQLite's lock is one of the kernel's:
 * it ends with the process however that ends, so none is ever stale.
 *
 * @throws SandboxInUseError at once where another sandbox has it, in this process or another one.
 */
export async function lockSandboxFolder(folder: string, now: () => Date): Promise<SandboxLock> {
  const {DatabaseSync} = await import('node:sqlite')
  const path = join(folder, lockFile)
  const database = new DatabaseSync(path, {timeout: 0})
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (isBusy(error)) throw new SandboxInUseError(folder, readHolder(folder))
    throw error
  }
  chmodSync(path, 0o600)
  const holder: SandboxHolder = {pid: process.pid, startedAt: now().toISOString()}
  const file = join(folder, holderFile)
  writeFileSync(`${file}.new`, `${JSON.stringify(holder)}\n`, {mode: 0o600})
  renameSync(`${file}.new`, file)
  return {release: () => database.isOpen && database.close()}
}

/** Result code 5, SQLITE_BUSY: https://www.sqlite.org/rescode.html */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 5
}

function readHolder(folder: string): SandboxHolder | undefined {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(join(folder, holderFile), 'utf8')))
  } catch {
    // It is being written.
    return undefined
  }
}
