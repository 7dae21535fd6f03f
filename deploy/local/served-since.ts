import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import * as z from 'zod'
import type {Job} from '../../lib/job/job.ts'
import {writePrivateFile} from './folder/private-file.ts'

const fileName = 'served-since.json'
const schema = z
  .record(z.string(), z.iso.datetime())
  .transform(since => new Map(Object.entries(since).map(([name, moment]) => [name, new Date(moment)])))

/** Notes when the sandbox first served each job: slots before that weren't missed. What is noted already stays. */
export async function noteServed(folder: string, jobs: readonly Job[], now: Date): Promise<void> {
  const known = await readServedSince(folder)
  if (jobs.every(({name}) => known.has(name))) return
  const since = new Map([...jobs.map(({name}) => [name, now] as const), ...known])
  await writePrivateFile(join(folder, fileName), `${JSON.stringify(Object.fromEntries(since))}\n`)
}

/** When the sandbox first served each job. A file that can't be read counts as none: it is made again. */
export async function readServedSince(folder: string): Promise<ReadonlyMap<string, Date>> {
  const text = await readFile(join(folder, fileName), 'utf8').catch(() => '{}')
  return z.string().transform(parseJson).pipe(schema).safeParse(text).data ?? new Map()
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
