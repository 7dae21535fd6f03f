import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {delimiter, dirname, join} from 'node:path'
import {stripVTControlCharacters} from 'node:util'
import {projectRoot} from '../../deploy/catalogue/catalogue.ts'
import {quote} from '../../deploy/cli/quote.ts'

/** A command line in a shell, as a person types it. */
export type TypedCommand = {
  /** Both outputs, in the order of arrival. */
  readonly printed: () => string
  readonly ended: Promise<number | null>
  /** Waits for a line. @throws Error with what was printed, if the command ends without it. */
  readonly until: (line: string) => Promise<void>
  /** Ctrl-C. */
  readonly interrupt: () => void
}

/** Types a command line: `npm run <script> --` without npm in between, everything else as it is. */
export function typeIn(command: string, sandboxFolder: string): TypedCommand {
  const start = `exec ${quote(process.execPath)} ${quote(join(projectRoot, 'deploy', 'start.mjs'))}`
  const child = spawn('sh', ['-c', command.replace(/^npm run (\S+)(?: --)?/, `${start} $1`)], {
    cwd: projectRoot,
    env: {
      PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
      HOME: process.env['HOME'],
      NO_COLOR: '1',
      SANDBOX_FOLDER: sandboxFolder,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', text => {
      printed += stripVTControlCharacters(text)
    })
  }
  const ended = endOf(child)
  return {
    printed: () => printed,
    ended,
    async until(line) {
      while (!printed.split('\n').includes(line)) {
        const end = await Promise.race([once(child.stdout, 'data').then(() => undefined), ended])
        if (end !== undefined) throw new Error(`${command} ended with ${end}, and printed:\n${printed}`)
      }
    },
    interrupt: () => void child.kill('SIGINT'),
  }
}

async function endOf(child: ChildProcess): Promise<number | null> {
  await once(child, 'close')
  return child.exitCode
}
