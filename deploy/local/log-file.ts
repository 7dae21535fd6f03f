import {createWriteStream, type WriteStream} from 'node:fs'

export type LogFile = {readonly write: (line: string) => void; readonly close: () => Promise<void>}

/** Appends lines to a file, which is opened with the first one and readable by its owner alone. */
export function createLogFile(path: string): LogFile {
  let stream: WriteStream | undefined
  return {
    write(line) {
      // A log that can't be written is no reason to end what it is about.
      stream ??= createWriteStream(path, {flags: 'a', mode: 0o600}).on('error', () => undefined)
      stream.write(`${line}\n`)
    },
    close: () => new Promise(resolve => (stream === undefined ? resolve() : stream.end(() => resolve()))),
  }
}
