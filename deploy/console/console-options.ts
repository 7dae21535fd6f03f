import {Command, InvalidArgumentError} from '@commander-js/extra-typings'
import {parseArgv} from '../cli/parse-argv.ts'
import {environmentArgument} from '../environment/shared-options.ts'

export type ConsoleOptions = {
  readonly environment: string
  readonly port: number
  readonly readOnly: boolean
  /** Where the page opens: `/runs/bootstrap@1`. */
  readonly open: string
}

/** Parses what follows `npm run console --`. @throws UsageError that says which word is wrong. */
export function parseConsoleOptions(argv: readonly string[]): ConsoleOptions | {help: string} {
  const command = new Command('npm run console --')
    .description(
      'Serves a page on this machine that shows what needs you, every run, and the dead letters, and can act on them.',
    )
    .addArgument(environmentArgument())
    .option('--open <path>', 'print the address of one view: /timeline, /runs/<run id>, /dead-letters')
    .option('--port <number>', 'the port on 127.0.0.1; the system chooses one when absent', parsePort)
    .option('--read-only', 'refuse every action')
  const help = parseArgv(command, argv)
  if (help !== undefined) return {help}
  const [environment] = command.processedArgs
  const {open = '/', port = 0, readOnly = false} = command.opts()
  return {environment, port, readOnly, open: open.startsWith('/') ? open : `/${open}`}
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('write a number from 0 to 65535.')
  return port
}
