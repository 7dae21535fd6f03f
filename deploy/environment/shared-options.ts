import {Argument, Option} from '@commander-js/extra-typings'
import {environmentNames} from '../catalogue/environments.ts'
import {parseDuration} from '../cli/duration.ts'

/*
 * What several commands take, worded once. Each call makes its own: commander writes into what it is given.
 */

export const environmentArgument = () => new Argument('<env>', environmentNames.join(', '))

export const jsonOption = () => new Option('--json', 'print one JSON object to standard output and nothing else')

export const confirmedOption = () => new Option('--yes', 'answer yes to the question that prod asks')

/** @param example durations, as the help shows them. */
export const timeoutOption = (seconds: number, shown: string, example: string) =>
  new Option('--timeout <time>', `how long to wait: ${example}`).default(seconds, shown).argParser(parseDuration)
