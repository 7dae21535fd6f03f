import {readFileSync} from 'node:fs'
import {exitCodes} from './exit-codes.ts'

/** npm hands on the Ctrl-C that the terminal has given to the command as well. */
const handedOnMilliseconds = 300
const parentPollMilliseconds = 1000
/** For a command that no one can interrupt a second time: a function gets 10 s to end. */
const maxStopMilliseconds = 20_000

type Watched = Pick<NodeJS.Process, 'env' | 'ppid' | 'on' | 'off' | 'exit'>

/**
 * Watches for what ends a command: Ctrl-C, SIGTERM, a terminal that was closed (SIGHUP), and the end of the npm that
 * started it, which would leave it running with no one to stop it. Each tells the command to stop; a second Ctrl-C or
 * SIGTERM ends it at once.
 */
export function watchInterrupts(process: Watched): {
  readonly signal: AbortSignal
  /** Tells the command to stop. */
  readonly interrupt: () => void
  readonly close: () => void
} {
  const controller = new AbortController()
  const isOfNpm = process.env['npm_lifecycle_event'] !== undefined
  const parents = parentsOf(process)
  let interruptedAt = 0
  let watchdog: NodeJS.Timeout | undefined
  const interrupt = () => {
    if (controller.signal.aborted) return
    interruptedAt = performance.now()
    controller.abort(new Error('interrupted'))
  }
  const onSignal = () => {
    if (!controller.signal.aborted) return interrupt()
    if (isOfNpm && performance.now() - interruptedAt < handedOnMilliseconds) return
    process.exit(exitCodes.interrupted)
  }
  const onAbandoned = () => {
    interrupt()
    watchdog ??= setTimeout(() => process.exit(exitCodes.interrupted), maxStopMilliseconds).unref()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onAbandoned)
  const poll = isOfNpm
    ? setInterval(() => {
        if (parentsOf(process) !== parents) onAbandoned()
      }, parentPollMilliseconds).unref()
    : undefined
  return {
    signal: controller.signal,
    interrupt,
    close() {
      clearInterval(poll)
      clearTimeout(watchdog)
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal).off('SIGHUP', onAbandoned)
    },
  }
}

/** The parent, and its parent: npm runs a script in a shell, which some shells give over to the command. */
function parentsOf({ppid}: Pick<NodeJS.Process, 'ppid'>): string {
  try {
    return `${ppid} ${/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${ppid}/status`, 'utf8'))?.[1]}`
  } catch {
    // Only Linux shows it.
    return String(ppid)
  }
}
