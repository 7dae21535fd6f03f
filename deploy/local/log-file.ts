import {chmodSync, closeSync, fstatSync, openSync, renameSync, writeSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {stripVTControlCharacters} from 'node:util'

/** What the functions of a sandbox printed, in its folder: readable by its owner alone, and of a bounded size. */
export type LogFile = {readonly write: (line: string) => void; readonly close: () => void}

/** Then the file becomes the older one of two. */
const maxBytes = 5 * 2 ** 20

export function logFileOf(folder: string): string {
  return join(folder, 'functions.log')
}

/**
 * Appends lines to a file, which is opened with the first one. A line is in the file when `write` returns: a sandbox that
 * is killed loses none.
 *
 * @param limit the size at which the file becomes `<path>.1`, in place of an older one. @default 5 MB
 */
export function createLogFile(path: string, now: () => Date, limit = maxBytes): LogFile {
  let open: {readonly descriptor: number; bytes: number} | undefined

  function close(): void {
    if (open !== undefined) closeSync(open.descriptor)
    open = undefined
  }

  function append(text: string): void {
    if (open !== undefined && open.bytes >= limit) {
      close()
      renameSync(path, `${path}.1`)
    }
    if (open === undefined) {
      const descriptor = openSync(path, 'a', 0o600)
      open = {descriptor, bytes: fstatSync(descriptor).size}
      chmodSync(path, 0o600)
    }
    open.bytes += writeSync(open.descriptor, text)
  }

  return {
    write(line) {
      const plain = stripVTControlCharacters(line)
      // The lines of a stack belong to the line above.
      const text = /^\d\d:\d\d:\d\d\.\d{3} /.test(plain) ? `${now().toISOString().slice(0, 10)} ${plain}` : plain
      try {
        append(`${text}\n`)
      } catch {
        // A log that can't be written is no reason to end what it is about.
      }
    },
    close,
  }
}

/** The lines of a file and of the older one, the oldest first. */
export async function readLogFile(path: string): Promise<string[]> {
  const texts = await Promise.all([`${path}.1`, path].map(part => readFile(part, 'utf8').catch(() => '')))
  return texts.flatMap(text => text.split('\n').slice(0, -1))
}
