import type {LedgerCommand} from './ledger-commands.ts'
import type {Reference} from './reference.ts'

/** JSON in which notification channels may be references. */
export type Configuration = {readonly [key: string]: unknown; readonly notificationChannels?: readonly Reference[]}

/**
 * An argument of gcloud: a word, or a flag whose value is only known, or only made, when the command runs.
 */
export type Argument =
  | string
  | {readonly flag: string; readonly value: Reference}
  | {readonly flag: string; readonly json: Configuration}
  /** The configuration goes into a file, and the file's path is the value. */
  | {readonly flag: string; readonly file: Configuration}
  /** The time at which the command runs, as a schedule's description. */
  | {readonly flag: string; readonly deployedSince: 'now'}

/** One thing to do, as data: a gcloud command, or a change in BigQuery, for which gcloud has no command. */
export type Command = {readonly gcloud: readonly Argument[]} | {readonly ledger: LedgerCommand}
