import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import * as z from 'zod'
import {writePrivateFile} from './folder/private-file.ts'

const fileName = 'paused.json'
/** Earlier releases wrote names alone: the time of the pause is unknown. */
const schema = z.union([
  z.array(z.string()).transform(names => new Map(names.map(name => [name, new Date(0)]))),
  z.record(z.string(), z.iso.datetime()).transform(since => {
    return new Map(Object.entries(since).map(([name, moment]) => [name, new Date(moment)]))
  }),
])

/**
 * Notes that the schedule of a job is paused in the sandbox, or no longer is.
 *
 * @param pausedAt undefined: it isn't paused. A schedule that is paused already stays paused since then.
 */
export async function writePaused(folder: string, job: string, pausedAt: Date | undefined): Promise<void> {
  const paused = new Map(await readPaused(folder))
  if (pausedAt === undefined) paused.delete(job)
  else paused.set(job, paused.get(job) ?? pausedAt)
  await writePrivateFile(join(folder, fileName), `${JSON.stringify(Object.fromEntries(paused))}\n`)
}

/**
 * The jobs whose schedule is paused in the sandbox, and since when.
 *
 * @throws Error if the file holds something else: firing a paused schedule is worse than stopping.
 */
export async function readPaused(folder: string): Promise<ReadonlyMap<string, Date>> {
  const path = join(folder, fileName)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  const parsed = z.string().transform(parseJson).pipe(schema).safeParse(text)
  if (parsed.success) return parsed.data
  throw new Error(`${path} isn't a list of jobs: remove it, then pause again what should be paused`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
