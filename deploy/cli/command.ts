import {ConfigurationError} from '../../lib/errors/configuration-error.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import {toPrintable} from '../../lib/log/printable.ts'
import {CancelledError} from './cancelled-error.ts'
import {type CommandIo, createCommandIo} from './command-io.ts'
import {type ExitCode, exitCodes} from './exit-codes.ts'
import {watchInterrupts} from './interrupts.ts'
import {noCredentials} from './no-credentials.ts'
import {watchOutput} from './output-errors.ts'
import {findSwallowedFlags, variableOf} from './swallowed-flags.ts'
import {UsageError} from './usage-error.ts'
import {wrapLines} from './wrap-lines.ts'

/**
 * Runs a command of the command line: one place for Ctrl-C, for output without a reader, for errors as one readable
 * text on standard error (with `--json` as one object on standard output too), and for the exit code.
 *
 * @param main gets the words after the command, and a signal that fires when the command is to stop: `watchInterrupts`.
 */
export async function runCommand(
  main: (argv: string[], io: CommandIo, signal: AbortSignal) => Promise<ExitCode>,
): Promise<void> {
  const interrupts = watchInterrupts(process)
  // What is left to print has no reader: the command ends as it does on Ctrl-C, sandbox and all.
  const output = watchOutput(process, interrupts.interrupt)
  // Off Google Cloud the clients would look for the metadata server, a host that no configuration names.
  process.env['METADATA_SERVER_DETECTION'] ??= 'none'
  // Google's clients have promises of their own, whose rejection no caller handles.
  process.on('unhandledRejection', fail)
  try {
    const swallowed = findSwallowedFlags(process.env)
    if (swallowed.length > 0) throw new UsageError(describeSwallowed(swallowed, process.env))
    process.exitCode = await main(process.argv.slice(2), createCommandIo(process), interrupts.signal)
  } catch (error) {
    report(error === interrupts.signal.reason ? new CancelledError('Interrupted.') : error)
  } finally {
    // A pipe that broke, or a disk that is full, says so after the write.
    await new Promise(resolve => process.stdout.write('', resolve))
    process.exitCode = output.exitCode() ?? process.exitCode
    process.off('unhandledRejection', fail)
    interrupts.close()
  }
}

function report(error: unknown): void {
  const text = toPrintable(describeFailure(error), 20_000)
  const exitCode = exitCodeFor(error)
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({error: text, exitCode})}\n`)
  const pointer = error instanceof UsageError && error.isInHelp ? pointerToHelp(process.env) : ''
  const {isTTY, columns} = process.stderr
  process.stderr.write(`${pointer}${wrapLines(text, isTTY ? columns || 80 : undefined)}\n`)
  process.exitCode = exitCode
}

/** Above the reason, which is the last thing that is printed. */
function pointerToHelp({npm_lifecycle_event: script}: NodeJS.ProcessEnv): string {
  return script === undefined ? '' : `Usage: npm run ${script} -- --help\n\n`
}

function fail(error: unknown): void {
  report(error)
  process.exit()
}

function describeSwallowed(flags: readonly string[], {npm_lifecycle_event: script}: NodeJS.ProcessEnv): string {
  const names = flags.map(flag => (flag === 'wait' ? '--no-wait' : `--${flag}`)).join(', ')
  const variables = flags.map(variableOf).join(', ')
  return `if it was no option but a setting, unset ${variables} for this command\nnpm consumed ${names}, so nothing was run: write -- before the words: npm run ${script} -- …`
}

function exitCodeFor(error: unknown): ExitCode {
  if (error instanceof CancelledError) return exitCodes.interrupted
  const isUsage = error instanceof UsageError || error instanceof ConfigurationError
  return isUsage ? exitCodes.usage : exitCodes.failed
}

/** One sentence about what went wrong, with the fix where that is known. */
export function describeFailure(error: unknown): string {
  const message = toMessageText(error)
  // What Google's auth library says without credentials.
  if (/Could not load the default credentials|invalid_grant|reauth/i.test(message)) {
    return noCredentials.text
  }
  return message
}
