import type {Readable, Writable} from 'node:stream'
import type {WriteStream} from 'node:tty'

/** What a command has of the process that it runs in; a test gives its own. */
export type CommandIo = {
  /** Standard output is for the result alone. */
  readonly print: (text: string) => void
  /** Standard error is for everything on the way. */
  readonly tell: (text: string) => void
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly stdin: Readable & {readonly isTTY?: boolean}
  readonly stderr: Writable & Pick<WriteStream, 'isTTY' | 'columns'>
}

export function createCommandIo({stdout, stdin, stderr, env}: NodeJS.Process): CommandIo {
  return {
    print: text => void stdout.write(`${text}\n`),
    tell: text => void stderr.write(`${text}\n`),
    variables: env,
    stdin,
    stderr,
  }
}
