import type {Gcloud} from '../gcloud/gcloud.ts'
import type {LedgerTables} from './ledger-tables.ts'
import type {Change, Command, Desired, Found, KindName} from './resource.ts'

/** Where a kind looks. */
export type Cloud = {
  readonly projectId: string
  readonly gcloud: Gcloud
  readonly ledger: LedgerTables
  /** What kinds that were read before found, by id. */
  readonly found: ReadonlyMap<string, Found>
}

/** How one kind of thing is read, made, changed and taken away. */
export type Kind = {
  readonly name: KindName
  /** Without it there is nothing to read yet, and reading would be an error. */
  readonly api?: string
  /** @param desired what is declared, so that only that is asked for where a list would not do. */
  readonly read: (cloud: Cloud, desired: readonly Desired[]) => Promise<readonly Found[]>
  readonly create: (resource: Desired, projectId: string) => readonly Command[]
  /** Absent, or undefined: it can only be taken away and made anew. */
  readonly update?: (resource: Desired, changes: readonly Change[], found: Found) => readonly Command[] | undefined
  readonly remove?: (found: Found) => readonly Command[]
  /** Whether something found and not declared is this project's, and so worth a line. */
  readonly isOurs?: (found: Found, projectId: string) => boolean
  /** Whether it was left by what this project replaces: taken away only when asked for. */
  readonly isLegacy?: (found: Found) => boolean
  /** What a person does about one that is missing, where this command may not do it. */
  readonly fix?: (resource: Desired, projectId: string) => string
  /** What Google calls a thing that was just made, where others refer to it by that. */
  readonly readHandle?: (resource: Desired, gcloud: Gcloud) => Promise<string>
  /** Things with the same lock are changed one after the other: a policy is read, changed and written as a whole. */
  readonly lock?: (resource: Desired) => string
}
