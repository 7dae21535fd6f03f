import {Command} from '@commander-js/extra-typings'
import {parseArgv} from './parse-argv.ts'

/** Parses the words of a command that takes none. @returns its help text, if that was asked for. @throws UsageError */
export function parseNoOptions(argv: readonly string[], script: string, description: string): string | undefined {
  return parseArgv(new Command(`npm run ${script}`).description(description), argv)
}
