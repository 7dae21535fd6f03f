import type {LedgerCommand} from './ledger-commands.ts'

export const kindNames = [
  'api',
  'service-account',
  'secret',
  'ledger',
  'dataset-access',
  'topic',
  'function',
  'subscription',
  'binding',
  'schedule',
  'log-metric',
  'channel',
  'alert-policy',
  'dashboard',
  'legacy-job',
] as const
export type KindName = (typeof kindNames)[number]

/** Names and values as they are shown for review, and compared: text against text. */
export type Fields = Readonly<Record<string, string>>

/** A thing as it must be. */
export type Desired = {
  readonly kind: KindName
  /** Unique within its kind. */
  readonly name: string
  readonly fields: Fields
  /** What creating it needs besides, and nobody compares: folders, whole configurations. */
  readonly payload?: Fields
  /** Why this command may not make or change it now, with what to do; absent: it may. */
  readonly withheld?: string
  /** Ids of what must be there first. */
  readonly after: readonly string[]
}

/** A thing as it is. */
export type Found = {
  readonly kind: KindName
  readonly name: string
  readonly fields: Fields
  /** What Google calls it, where that is none of our names. */
  readonly handle?: string
}

export type Change = {readonly field: string; readonly from: string | undefined; readonly to: string | undefined}

/** Stands in an argument for the path of a file that holds the command's `config`. */
export const configFile = '{config file}'

/** One thing to do: arguments of gcloud, or a change of the ledger's tables, for which gcloud has no command. */
export type Command = {readonly gcloud: readonly string[]; readonly config?: string} | {readonly ledger: LedgerCommand}

export function idOf({kind, name}: {readonly kind: KindName; readonly name: string}): string {
  return `${kind} ${name}`
}

/** The fields that differ; a field that only one side has differs as well. */
export function changesBetween(from: Fields, to: Fields): Change[] {
  const names = [...new Set([...Object.keys(to), ...Object.keys(from)])]
  return names.filter(field => from[field] !== to[field]).map(field => ({field, from: from[field], to: to[field]}))
}
