import {CommanderError} from '@commander-js/extra-typings'
import {UsageError} from './usage-error.ts'
import {wrapLines} from './wrap-lines.ts'

/** The part of commander's command that parsing takes, whatever its options and arguments are. */
type Parser = {
  allowExcessArguments: (allow: boolean) => Parser
  configureOutput: (output: {writeOut: (text: string) => void; writeErr: (text: string) => void}) => Parser
  exitOverride: () => Parser
  parse: (argv: readonly string[], options: {from: 'user'}) => unknown
}

/** As commander's own help, where it knows no width. */
const helpColumns = 80

/**
 * Has commander parse the words after a command, but neither print nor end the process.
 *
 * @returns the help text if that is what was asked for; else undefined, and the command holds what it parsed.
 * @throws UsageError that says which word is wrong.
 */
export function parseArgv(command: Parser, argv: readonly string[]): string | undefined {
  const written: string[] = []
  command
    .allowExcessArguments(false)
    .configureOutput({writeOut: text => void written.push(text), writeErr: () => {}})
    .exitOverride()
  try {
    command.parse(argv, {from: 'user'})
    return undefined
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.helpDisplayed') return wrapLines(written.join('').trimEnd(), helpColumns)
    throw new UsageError(error.message.replace(/^error: /, '').replaceAll('\n', ' '))
  }
}
