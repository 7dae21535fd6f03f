import {readFile} from 'node:fs/promises'
import type * as z from 'zod'
import {writePrivateFile} from '../../folder/private-file.ts'

export type StateFile = {
  /**
   * Writes the state as it is now, or newer. Callers that ask while a write is under way share the next one, so that many
   * requests at once cost few writes.
   */
  readonly save: () => Promise<void>
}

/**
 * A state that survives in one JSON file. A file is replaced, never written over: a process that is killed leaves the
 * old state or the new one.
 *
 * @param options.read the state to write, taken when a write begins.
 */
export function createStateFile(options: {readonly path: string; readonly read: () => unknown}): StateFile {
  const {path, read} = options
  let running: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined

  return {
    save() {
      next ??= running
        .catch(() => undefined)
        .then(() => {
          next = undefined
          running = write()
          return running
        })
      return next
    },
  }

  async function write(): Promise<void> {
    await writePrivateFile(path, JSON.stringify(read()))
  }
}

/**
 * What such a file holds; undefined where there is none.
 *
 * @throws Error that names the file, if it holds something else.
 */
export async function readStateFile<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new Error(`the stand-in's state can't be read from ${path}: remove the file to start afresh`, {cause})
  }
}
