import {readFileSync} from 'node:fs'

export type Processes = {
  /** The text of a file below /proc. @throws Error if it can't be read. */
  readonly read: (path: string) => string
  /** @throws Error with the code ESRCH if there is no such process; source: kill(2). */
  readonly probe: (pid: number) => void
}

const real: Processes = {
  read: path => readFileSync(path, 'utf8'),
  probe: pid => void process.kill(pid, 0),
}

/**
 * Finds the npm that started a process: the nearest ancestor that is npm. The shells in between don't count: some are
 * replaced by their last command, and the one in which npm was put into the background may end before it.
 *
 * @param parent the process's parent.
 * @returns how to ask whether that npm has ended; undefined without npm, and on systems without /proc.
 */
export function findNpm(parent: number, processes: Processes = real): {readonly hasEnded: () => boolean} | undefined {
  const npm = nearestNpm(parent, processes.read)
  if (npm === undefined) return undefined
  return {
    hasEnded() {
      try {
        processes.probe(npm.pid)
        const {hasExited, startedAt} = readStat(npm.pid, processes.read)
        // Its parent may not have waited for it yet, and its id may belong to another process by now.
        return hasExited || startedAt !== npm.startedAt
      } catch (error) {
        // A file that can't be read, for want of a file descriptor for example, says nothing about npm.
        return error instanceof Error && 'code' in error && error.code === 'ESRCH'
      }
    },
  }
}

function nearestNpm(parent: number, read: Processes['read']): {pid: number; startedAt: string} | undefined {
  try {
    for (let pid = parent; pid > 1; ) {
      const stat = readStat(pid, read)
      // npm shows its words as its title: `npm run local`.
      if (/^npm(?![^ \0])/.test(read(`/proc/${pid}/cmdline`))) return {pid, startedAt: stat.startedAt}
      pid = stat.parent
    }
  } catch {
    // No /proc, or an ancestor that has ended.
  }
  return undefined
}

/** `pid (command) state ppid …`, the 22nd field is when it started; source: proc_pid_stat(5). */
function readStat(
  pid: number,
  read: Processes['read'],
): {readonly parent: number; readonly hasExited: boolean; readonly startedAt: string} {
  const text = read(`/proc/${pid}/stat`)
  const [state, parent, ...more] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return {parent: Number(parent), hasExited: state === 'Z' || state === 'X', startedAt: more[17] ?? ''}
}
