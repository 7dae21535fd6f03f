import {isatty} from 'node:tty'
import {exitCodes} from './exit-codes.ts'
import {findNpm} from './npm-process.ts'

/** npm hands on the Ctrl-C that the terminal has given to the command as well. */
const handedOnMilliseconds = 300
/** For a command that no one can interrupt a second time: a function gets 10 s to end. */
const maxStopMilliseconds = 20_000

type Watched = Pick<NodeJS.Process, 'env' | 'ppid' | 'on' | 'off' | 'exit'>

/**
 * Watches for what ends a command: Ctrl-C, SIGTERM, a terminal that was closed (SIGHUP), and the end of the npm that
 * started it, which would leave it running with no one to stop it. Each tells the command to stop; a second Ctrl-C or
 * SIGTERM ends it at once.
 *
 * A command in the background goes on when the shell that started it ends, and under nohup when its terminal is closed.
 *
 * @param options.pollMilliseconds how often it looks for npm. @default 1 s
 */
export function watchInterrupts(
  process: Watched,
  {pollMilliseconds = 1000}: {readonly pollMilliseconds?: number} = {},
): {
  readonly signal: AbortSignal
  /** Tells the command to stop. */
  readonly interrupt: () => void
  readonly close: () => void
} {
  const controller = new AbortController()
  const isOfNpm = process.env['npm_lifecycle_event'] !== undefined
  const npm = isOfNpm ? findNpm(process.ppid) : undefined
  // Node resets the ignored SIGHUP that nohup hands on, but nohup also replaces the terminal at each of these.
  const isOnTerminal = [0, 1, 2].some(isatty)
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
  const onHangup = () => {
    if (isOnTerminal) return onAbandoned()
    // The same SIGHUP ends npm: the whole process group gets it.
    clearInterval(poll)
    isPolling = false
  }
  const checkNpm = () => {
    // A SIGHUP that came together with npm's end goes first.
    if (npm?.hasEnded()) setImmediate(() => isPolling && onAbandoned())
  }
  let isPolling = npm !== undefined
  const poll = isPolling ? setInterval(checkNpm, pollMilliseconds).unref() : undefined
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onHangup)
  return {
    signal: controller.signal,
    interrupt,
    close() {
      clearInterval(poll)
      isPolling = false
      clearTimeout(watchdog)
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal).off('SIGHUP', onHangup)
    },
  }
}
