import {type Command, CommanderError} from 'commander'
import {UsageError} from './usage-error.ts'

/**
 * Has commander parse the words after a command, but neither print nor end the process.
 *
 * @returns the help text if that is what was asked for; else undefined, and the command holds what it parsed.
 * @throws UsageError that says which word is wrong, with the help.
 */
export function parseArgv(command: Command, argv: readonly string[]): string | undefined {
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
    if (error.code === 'commander.helpDisplayed') return written.join('')
    throw new UsageError(`${error.message.replace(/^error: /, '')}\n\n${command.helpInformation()}`)
  }
}
