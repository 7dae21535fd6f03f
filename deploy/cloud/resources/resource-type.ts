import type {Gcloud} from '../gcloud/gcloud.ts'
import type {Command} from './command.ts'
import type {LedgerTables} from './ledger-tables.ts'
import type {ActualState, Change, DesiredState, ResourceTypeName} from './resource.ts'

/** Where a resource type reads. */
export type Cloud = {
  readonly projectId: string
  readonly gcloud: Gcloud
  readonly ledger: LedgerTables
  /** What was read before, of other types, by id. */
  readonly actual: ReadonlyMap<string, ActualState>
}

/** How resources of one type are read, created, changed and removed. */
export type ResourceType<T extends ResourceTypeName> = {
  readonly name: T
  /** Without it there is nothing to read yet, and reading would be an error. */
  readonly api?: string
  /** @param desired what is declared, so that only that is asked for where there is no list. */
  readonly read: (cloud: Cloud, desired: readonly DesiredState<T>[]) => Promise<readonly ActualState<T>[]>
  /** What a deployment leaves as it is although nothing declares it, put into the desired state, and said. */
  readonly keep?: (desired: DesiredState<T>, actual: ActualState<T>) => {desired: DesiredState<T>; notes: string[]}
  readonly create: (desired: DesiredState<T>, projectId: string) => readonly Command[]
  /** Absent, or undefined: it can only be removed and created. */
  readonly update?: (
    desired: DesiredState<T>,
    changes: readonly Change[],
    actual: ActualState<T>,
  ) => readonly Command[] | undefined
  readonly remove?: (actual: ActualState<T>) => readonly Command[]
  /** Whether an actual resource that isn't declared is this project's, and so worth a line. */
  readonly isOurs?: (actual: ActualState<T>, projectId: string) => boolean
  /** Whether it was left by what this project replaces: removed only when asked for. */
  readonly isLegacy?: (actual: ActualState<T>) => boolean
  /** Why an actual resource that has a declared name must not be touched, with what to do about it. */
  readonly conflict?: (actual: ActualState<T>) => string | undefined
  /** What a person does about one that is missing, where this command may not do it. */
  readonly fix?: (desired: DesiredState<T>, projectId: string) => string
  /** What Google calls a resource that was just created, where others refer to it by that. */
  readonly readAddress?: (name: string, gcloud: Gcloud) => Promise<string>
  /** How Google's refusals name a resource, where that isn't its name. */
  readonly knownAs?: (desired: DesiredState<T>, projectId: string) => string
  /** Resources with the same lock are changed one after the other: a policy is read, changed and written as a whole. */
  readonly lock?: (desired: DesiredState<T>) => string
}
