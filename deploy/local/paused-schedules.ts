import {mkdir, readFile, rename, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import * as z from 'zod'

const fileName = 'paused.json'
const schema = z.array(z.string())

/** Notes that the schedule of a job is paused in the sandbox, or no longer is. */
export async function writePaused(folder: string, job: string, isPaused: boolean): Promise<void> {
  const others = [...(await readPaused(folder))].filter(name => name !== job)
  await mkdir(folder, {recursive: true})
  const path = join(folder, fileName)
  await writeFile(`${path}.new`, `${JSON.stringify(isPaused ? [...others, job].sort() : others)}\n`)
  await rename(`${path}.new`, path)
}

/**
 * Names of the jobs whose schedule is paused in the sandbox.
 *
 * @throws Error if the file holds something else: to fire what somebody paused is worse than to stop.
 */
export async function readPaused(folder: string): Promise<ReadonlySet<string>> {
  const path = join(folder, fileName)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '[]'
    throw error
  })
  const parsed = z.string().transform(parseJson).pipe(schema).safeParse(text)
  if (parsed.success) return new Set(parsed.data)
  throw new Error(`${path} is no list of jobs: remove it, and pause again what should be`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
