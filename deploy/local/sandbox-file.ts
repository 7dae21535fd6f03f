import {readdir, readFile, rm} from 'node:fs/promises'
import {join} from 'node:path'
import * as z from 'zod'
import {createControlClient} from './control/client.ts'
import {aboutSchema} from './control/protocol.ts'
import {writePrivateFile} from './folder/private-file.ts'
import {isOwnEntry} from './folder/private-folder.ts'

const schema = z.object({
  pid: z.number(),
  startedAt: z.string(),
  pubSubHost: z.string(),
  bigQueryUrl: z.string(),
  adminApiUrl: z.string(),
  supabaseUrl: z.string(),
  /** Made up for this sandbox, and good for nothing else. */
  supabaseToken: z.string().default(''),
  /** What its supabase-migrate applies. */
  migrationsFolder: z.string().default(''),
  /** Whether the scheduled jobs are fired by the clock. */
  firesSchedules: z.boolean().default(false),
  /** The control API and what it wants to see: the file's owner alone can read this. */
  controlUrl: z.string(),
  controlToken: z.string(),
  /** Whether it ends with the command that started it. */
  isTemporary: z.boolean().default(false),
  /** Where the functions' lines are; absent for a sandbox in memory. */
  logFile: z.string().optional(),
})

/** Where a running sandbox listens; kept in its folder so that other commands find it. */
export type SandboxAddresses = z.infer<typeof schema>

const fileName = 'sandbox.json'

/** @returns undefined if none is running: a file that a killed one left behind counts for nothing. */
export async function findRunningSandbox(folder: string): Promise<SandboxAddresses | undefined> {
  const found = await readSandboxFile(folder)
  return found !== undefined && (await answers(found)) ? found : undefined
}

/** What the file says; whether that sandbox is still there is another question. */
export async function readSandboxFile(folder: string): Promise<SandboxAddresses | undefined> {
  const text = await readFile(join(folder, fileName), 'utf8').catch(() => undefined)
  const found = text === undefined ? undefined : parse(text)
  return found !== undefined && isAlive(found.pid) ? found : undefined
}

export async function writeSandboxFile(folder: string, addresses: SandboxAddresses): Promise<void> {
  await writePrivateFile(join(folder, fileName), `${JSON.stringify(addresses, null, 2)}\n`)
}

export async function removeSandboxFile(folder: string): Promise<void> {
  await rm(join(folder, fileName), {force: true})
}

function parse(text: string): SandboxAddresses | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The process id may belong to another process by now, and the port too: only the sandbox knows the token. */
function answers(address: SandboxAddresses): Promise<boolean> {
  return createControlClient(address)
    .get('about', aboutSchema)
    .then(
      ({pid}) => pid === address.pid,
      () => false,
    )
}

/** Removes the sandbox's state, and nothing else. The lock stays: the caller holds it. */
export async function emptySandboxFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  const own = names.filter(name => isOwnEntry(name) && !name.startsWith('lock.'))
  await Promise.all(own.map(name => rm(join(folder, name), {recursive: true, force: true})))
}
