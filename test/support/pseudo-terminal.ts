import {spawn, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {readdirSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {stripVTControlCharacters} from 'node:util'
import {projectRoot} from '../../deploy/catalogue/catalogue.ts'

export type PseudoTerminal = {
  /** What the terminal was sent, styles removed. */
  readonly printed: () => string
  /** Waits for a text. @throws Error with what was printed, if the shell ends without it. */
  readonly until: (text: RegExp) => Promise<RegExpExecArray>
  /** Presses Ctrl-C. */
  readonly interrupt: () => void
  /** Types. */
  readonly type: (text: string) => void
  /** Closes the terminal, as a window is closed. */
  readonly close: () => void
  /** The shell's exit code. */
  readonly ended: Promise<number | null>
  /** Every process below the terminal, by its id and when it started. */
  readonly processes: () => readonly string[]
}

/**
 * Whether script(1) of util-linux is there: other systems have a script(1) with other options, and small images of Linux
 * have none.
 *
 * @param path where it is looked for. @default that of this process
 */
export function findPseudoTerminal(path = process.env['PATH']): boolean {
  if (process.platform !== 'linux') return false
  return (
    spawnSync('script', ['--version'], {env: {PATH: path}, encoding: 'utf8'}).stdout?.includes('util-linux') ?? false
  )
}

export const hasPseudoTerminal = findPseudoTerminal()

/** Runs a line of a shell in the project, in a pseudo-terminal by script(1). */
export function openTerminal(
  line: string,
  {columns = 80, env}: {readonly columns?: number; readonly env: Readonly<Record<string, string>>},
): PseudoTerminal {
  const child = spawn('script', ['-qec', `stty cols ${columns} rows 40; ${line}`, '/dev/null'], {
    cwd: projectRoot,
    env: {
      PATH: [dirname(process.execPath), process.env['PATH']].join(':'),
      HOME: process.env['HOME'],
      SHELL: '/bin/sh',
      TERM: 'xterm',
      ...env,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    printed += stripVTControlCharacters(text).replaceAll('\r\n', '\n')
  })
  // What is typed into a terminal that has gone.
  child.stdin.on('error', () => {})
  const ended = once(child, 'close').then(() => child.exitCode)
  // Without script(1) it rejects, perhaps before a test waits for it.
  ended.catch(() => {})
  const type = (text: string) => void child.stdin.write(text)
  return {
    printed: () => printed,
    ended,
    type,
    async until(text) {
      for (;;) {
        const found = text.exec(printed)
        if (found !== null) return found
        const end = await Promise.race([once(child.stdout, 'data').then(() => undefined), ended.then(code => ({code}))])
        if (end !== undefined) throw new Error(`${line} ended with ${end.code}, and printed:\n${printed}`)
      }
    },
    interrupt: () => type('\u0003'),
    close: () => void child.kill('SIGKILL'),
    processes: () => (child.pid === undefined ? [] : descendantsOf(child.pid)),
  }
}

/** Those of some processes that are still there. */
export function stillThere(processes: readonly string[]): string[] {
  const now = new Set(readProcesses().map(({name}) => name))
  return processes.filter(name => now.has(name))
}

function descendantsOf(root: number): string[] {
  const all = readProcesses()
  const found = new Set([root])
  for (let size = 0; size < found.size; ) {
    size = found.size
    for (const {pid, parent} of all) if (found.has(parent)) found.add(pid)
  }
  return all.filter(({pid}) => pid !== root && found.has(pid)).map(({name}) => name)
}

function readProcesses(): {pid: number; parent: number; name: string}[] {
  return readdirSync('/proc').flatMap(entry => {
    try {
      // `pid (command) state ppid …`, the 22nd field is when it started; source: proc_pid_stat(5).
      const [, command = '', rest = ''] =
        /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(join('/proc', entry, 'stat'), 'utf8')) ?? []
      const [state, parent, ...more] = rest.split(' ')
      if (rest === '' || state === 'Z') return []
      return [{pid: Number(entry), parent: Number(parent), name: `${entry} ${command} since ${more[17]}`}]
    } catch {
      // No process, or one that has ended.
      return []
    }
  })
}
