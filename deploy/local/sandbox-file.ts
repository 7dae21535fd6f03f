import {readdir, readFile, rename, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import * as z from 'zod'

const schema = z.object({
  pid: z.number(),
  startedAt: z.string(),
  pubSubHost: z.string(),
  bigQueryUrl: z.string(),
  adminApiUrl: z.string(),
  supabaseUrl: z.string(),
  /** What its supabase-migrate applies. */
  migrationsFolder: z.string().default(''),
  /** Whether the scheduled jobs are fired by the clock. */
  firesSchedules: z.boolean().default(false),
})

/** Where a running sandbox listens; kept in its folder so that other commands find it. */
export type SandboxAddresses = z.infer<typeof schema>

const fileName = 'sandbox.json'

/** @returns undefined if none is running: a file that a killed one left behind counts for nothing. */
export async function findRunningSandbox(folder: string): Promise<SandboxAddresses | undefined> {
  const text = await readFile(join(folder, fileName), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const found = parse(text)
  if (found === undefined || !isAlive(found.pid)) return undefined
  // The id may belong to another process by now.
  return (await answers(found.adminApiUrl)) ? found : undefined
}

export async function writeSandboxFile(folder: string, addresses: SandboxAddresses): Promise<void> {
  const path = join(folder, fileName)
  await writeFile(`${path}.new`, `${JSON.stringify(addresses, null, 2)}\n`)
  await rename(`${path}.new`, path)
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

function answers(url: string): Promise<boolean> {
  return fetch(`${url}/health`, {signal: AbortSignal.timeout(5000)}).then(
    ({ok}) => ok,
    () => false,
  )
}

/** What the sandbox keeps in its folder; the folder may be one that somebody named, and hold other things. */
const ownEntries =
  /^(sandbox\.json|admin-api\.json|bigquery\.duckdb|journal\.jsonl|functions\.log|paused\.json|served-since\.json|supabase)(\..*)?$/

/** Removes the sandbox's state, and nothing else. */
export async function emptySandboxFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  const own = names.filter(name => ownEntries.test(name))
  await Promise.all(own.map(name => rm(join(folder, name), {recursive: true, force: true})))
}
