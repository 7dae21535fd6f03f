import {ConfigurationError} from '../../lib/errors/configuration-error.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import {toPrintable} from '../../lib/log/printable.ts'
import {CancelledError} from './cancelled-error.ts'
import {type CommandIo, createCommandIo} from './command-io.ts'
import {type ExitCode, exitCodes} from './exit-codes.ts'
import {findSwallowedFlags} from './swallowed-flags.ts'
import {UsageError} from './usage-error.ts'

/**
 * Runs a command of the command line: one place for Ctrl-C, for errors as one readable text on standard error, and for
 * the exit code.
 *
 * @param main gets the words after the command, and a signal that Ctrl-C and SIGTERM fire; a second Ctrl-C ends at once.
 */
export async function runCommand(
  main: (argv: string[], io: CommandIo, signal: AbortSignal) => Promise<ExitCode>,
): Promise<void> {
  const interrupt = new AbortController()
  const stop = () => {
    if (interrupt.signal.aborted) process.exit(exitCodes.interrupted)
    interrupt.abort(new Error('interrupted'))
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  // Off Google Cloud the clients would look for the metadata server, a host that no configuration names.
  process.env['METADATA_SERVER_DETECTION'] ??= 'none'
  // Google's clients have promises of their own, whose failure reaches nobody.
  process.on('unhandledRejection', fail)
  try {
    const swallowed = findSwallowedFlags(process.env)
    if (swallowed.length > 0) throw new UsageError(describeSwallowed(swallowed, process.env))
    process.exitCode = await main(process.argv.slice(2), createCommandIo(process), interrupt.signal)
  } catch (error) {
    report(error)
  } finally {
    process.off('unhandledRejection', fail)
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

function report(error: unknown): void {
  process.stderr.write(`${toPrintable(describeFailure(error), 20_000)}\n`)
  process.exitCode = exitCodeFor(error)
}

function fail(error: unknown): void {
  report(error)
  process.exit()
}

function describeSwallowed(flags: readonly string[], {npm_lifecycle_event: script}: NodeJS.ProcessEnv): string {
  const names = flags.map(flag => (flag === 'wait' ? '--no-wait' : `--${flag}`)).join(', ')
  return `npm kept ${names} for itself, and nothing was done: write -- before the words: npm run ${script} -- …`
}

function exitCodeFor(error: unknown): ExitCode {
  if (error instanceof CancelledError) return exitCodes.interrupted
  const isUsage = error instanceof UsageError || error instanceof ConfigurationError
  return isUsage ? exitCodes.usage : exitCodes.failed
}

/** One sentence about what went wrong, with what mends it where that is known. */
export function describeFailure(error: unknown): string {
  const message = toMessageText(error)
  // What Google's auth library says where nobody is logged in.
  if (/Could not load the default credentials|invalid_grant|reauth/i.test(message)) {
    return 'no Google Cloud credentials on this machine: run `gcloud auth application-default login`, then again'
  }
  return message
}
