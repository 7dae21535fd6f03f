import * as z from 'zod'
import type {OrganizationSyncResult} from '../admin-api/organization-operations.ts'
import type {Counts} from '../job/outcome.ts'
import {toPrintableLine} from '../log/printable.ts'
import {advanceCursor, type ListedOrganization, listCursorSchema} from './organization-stream.ts'

const orgSlugs = z.array(z.string().min(1).max(200)).max(1000)
const count = z.number().int().nonnegative().default(0)

/** One organization to sync. */
export type SyncTask = {
  readonly orgSlug: string
  /** Failed once before: now or never. */
  readonly isSecondTry: boolean
  /** Was cut off by the end of a part. It comes first in the next; if it is cut off there too, that is a failure. */
  readonly wasCut: boolean
}

/** Where a run stands, as its next message carries it: small, however many organizations there are. */
export const syncTallySchema = z.strictObject({
  /** How many there are to do; unknown until the list was read. */
  total: z.number().int().nonnegative().optional(),
  /** Of the list; absent where none is read, or none was. */
  cursor: listCursorSchema.optional(),
  /** Nothing more is taken from the list. */
  isListed: z.boolean().default(false),
  /** Asked for by name, still to do. */
  named: orgSlugs.default([]),
  /** Begun by the part before this, and not brought to an end. */
  leftOver: z
    .array(z.strictObject({orgSlug: z.string().min(1).max(200), isSecondTry: z.boolean(), wasCut: z.boolean()}))
    .max(200)
    .default([]),
  /** Failed once. */
  again: orgSlugs.default([]),
  /** Failed twice; the first so many of them. */
  failures: z
    .array(z.strictObject({orgSlug: z.string(), reason: z.string()}))
    .max(200)
    .default([]),
  synced: count,
  failed: count,
  skipped: count,
  datasetsCreated: count,
  tablesCreated: count,
  columnsAdded: count,
})
export type SavedSyncTally = z.infer<typeof syncTallySchema>

/** So many wait for their second try, then the first of them gets it: a message has an end, failures may have none. */
export const maxWaiting = 200
/** As many as the ledger keeps lines. */
const maxFailures = 200
const maxReasonLength = 160

/** What was done in a run, over all its parts, and what is left to do. */
export type SyncTally = {
  readonly state: Readonly<SavedSyncTally>
  /** The first number that is told stays. */
  readonly setTotal: (total: number) => void
  readonly taken: (organization: ListedOrganization) => void
  readonly listed: () => void
  readonly nextLeftOver: () => SyncTask | undefined
  readonly nextNamed: () => SyncTask | undefined
  readonly nextAgain: () => SyncTask | undefined
  readonly synced: (result: OrganizationSyncResult) => void
  readonly skipped: () => void
  /** @returns whether it gets a second try. */
  readonly failed: (task: SyncTask, reason: string) => boolean
  /** The part ended before the task did: it may have been carried out, and is tried once more as if it was not. */
  readonly cutOff: (task: SyncTask, reason: string) => void
  /** Nothing was carried out: it is as if it had not been begun. */
  readonly putBack: (task: SyncTask) => void
  /** Whether anything came of this part: else another one would be no wiser. */
  readonly hasMoved: () => boolean
  readonly isComplete: () => boolean
  /** `done`, `failed` of `total`, as far as it is. */
  readonly progress: () => Counts
}

/** @param saved of the part before; empty at the start of a run. */
export function createSyncTally(saved: SavedSyncTally): SyncTally {
  const state = structuredClone(saved)
  let hasMoved = false

  const fail: SyncTally['failed'] = ({orgSlug, isSecondTry}, reason) => {
    hasMoved = true
    if (!isSecondTry) {
      state.again.push(orgSlug)
      return true
    }
    state.failed += 1
    if (state.failures.length < maxFailures) {
      state.failures.push({orgSlug, reason: toPrintableLine(reason, maxReasonLength)})
    }
    return false
  }

  return {
    state,
    setTotal(total) {
      state.total ??= total
    },
    taken(organization) {
      state.cursor = advanceCursor(state.cursor, organization)
    },
    listed() {
      state.isListed = true
    },
    nextLeftOver: () => state.leftOver.shift(),
    nextNamed: () => toTask(state.named.shift(), false),
    nextAgain: () => toTask(state.again.shift(), true),
    synced(result) {
      hasMoved = true
      state.synced += 1
      state.datasetsCreated += Number(result.dataset_created)
      state.tablesCreated += result.tables_created.length
      state.columnsAdded += Object.values(result.columns_added).flat().length
    },
    skipped() {
      hasMoved = true
      state.skipped += 1
    },
    failed: fail,
    cutOff(task, reason) {
      if (task.wasCut) return void fail(task, reason)
      hasMoved = true
      state.leftOver.push({...task, wasCut: true})
    },
    putBack: task => void state.leftOver.push({...task}),
    hasMoved: () => hasMoved,
    isComplete: () => state.isListed && state.named.length + state.leftOver.length + state.again.length === 0,
    progress() {
      const done = state.synced + state.skipped + state.failed
      return {done, failed: state.failed + state.again.length, total: Math.max(done, state.total ?? 0)}
    },
  }
}

function toTask(orgSlug: string | undefined, isSecondTry: boolean): SyncTask | undefined {
  return orgSlug === undefined ? undefined : {orgSlug, isSecondTry, wasCut: false}
}
