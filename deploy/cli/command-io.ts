import type {Readable, Writable} from 'node:stream'
import type {WriteStream} from 'node:tty'

/** What a command has of the process that it runs in; a test gives its own. */
export type CommandIo = {
  /** Prints a line of the result, and nothing else. */
  readonly stdout: (text: string) => void
  /** Prints a line about progress, or a question's context. */
  readonly stderr: (text: string) => void
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: Readable & {readonly isTTY?: boolean}
  /** Standard error as a stream, for what rewrites its line or asks. */
  readonly terminal: Writable & Pick<WriteStream, 'isTTY' | 'columns'>
  /** The width of the terminal that standard output goes to; absent where that is a file or a pipe. */
  readonly columns?: number | undefined
}

export function createCommandIo({stdout, stdin, stderr, env}: NodeJS.Process): CommandIo {
  return {
    stdout: text => void stdout.write(`${text}\n`),
    stderr: text => void stderr.write(`${text}\n`),
    env,
    stdin,
    terminal: stderr,
    ...(stdout.isTTY ? {columns: stdout.columns || 80} : {}),
  }
}
