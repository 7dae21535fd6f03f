import {createWriteStream} from 'node:fs'
import {mkdir} from 'node:fs/promises'
import {dirname} from 'node:path'

export type LogFile = {readonly write: (line: string) => void; readonly close: () => Promise<void>}

/** Appends lines to a file; the folder is made where it is missing. */
export async function openLogFile(path: string): Promise<LogFile> {
  await mkdir(dirname(path), {recursive: true})
  const stream = createWriteStream(path, {flags: 'a'})
  return {
    write: line => void stream.write(`${line}\n`),
    close: () => new Promise(resolve => stream.end(resolve)),
  }
}
