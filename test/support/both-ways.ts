import {spawn} from 'node:child_process'
import {projectRoot} from '../../deploy/catalogue/catalogue.ts'
import {hasPseudoTerminal, openTerminal} from './pseudo-terminal.ts'
import {until} from './test-sandbox.ts'

/** A line of a shell that runs: what it prints on both streams, and how it ends. */
export type RunningLine = {
  readonly printed: () => string
  /** Waits for a text. */
  readonly until: (text: RegExp) => Promise<RegExpExecArray>
  readonly ended: Promise<number | null>
  /** Ctrl-C. */
  readonly interrupt: () => void
}

type Open = (line: string, env: Readonly<Record<string, string>>) => RunningLine

const columns = 80

/** The two ways to read a command: in a pipe, and on a terminal of 80 columns. */
export const bothWays: readonly {readonly way: string; readonly isTerminal: boolean; readonly open: Open}[] = [
  {way: 'in a pipe', isTerminal: false, open: openPipe},
  {
    way: `on a terminal of ${columns} columns`,
    isTerminal: true,
    open: (line, env) => openTerminal(line, {columns, env}),
  },
]

/** Leaves a test out where this system has no pseudo-terminal. */
export function requireWay({isTerminal}: {readonly isTerminal: boolean}, test: Mocha.Context): void {
  if (!isTerminal || hasPseudoTerminal) return
  process.stdout.write('    no script(1) of util-linux: not on a terminal\n')
  test.skip()
}

function openPipe(line: string, env: Readonly<Record<string, string>>): RunningLine {
  const child = spawn('sh', ['-c', `{ ${line}; } 2>&1`], {
    cwd: projectRoot,
    env: {PATH: process.env['PATH'], ...env},
    stdio: ['ignore', 'pipe', 'inherit'],
    // A process group of its own, which Ctrl-C is sent to.
    detached: true,
  })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', chunk => {
    printed += chunk
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  return {
    printed: () => printed,
    ended,
    interrupt: () => void process.kill(-(child.pid ?? 0), 'SIGINT'),
    until: text => until(`${line} prints ${text}`, async () => text.exec(printed) ?? undefined),
  }
}
