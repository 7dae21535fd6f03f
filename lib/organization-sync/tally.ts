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
  /** Its request was cut off before, by the end of a part or by its own time limit. If that happens again, it failed. */
  readonly wasInterrupted: boolean
}

const interruptedSchema = z.strictObject({
  orgSlug: z.string().min(1).max(200),
  isSecondTry: z.boolean(),
  wasInterrupted: z.boolean(),
  /** When the request began that was cut off: the API may still be at it. Absent: nothing was sent. */
  startedAt: z.iso.datetime().optional(),
})

const stateSchema = z.strictObject({
  /** How many there are to do; unknown until the list was read. */
  total: z.number().int().nonnegative().optional(),
  /** Of the list; absent where none is read, or none was. */
  cursor: listCursorSchema.optional(),
  /** Nothing more is taken from the list. */
  isListed: z.boolean().default(false),
  /** Asked for by name, still to do. */
  requested: orgSlugs.default([]),
  /** Begun, and not brought to an end. */
  interrupted: z.array(interruptedSchema).max(400).default([]),
  /** Failed once. */
  retryQueue: orgSlugs.default([]),
  /** Failed twice; the first so many of them. */
  failures: z
    .array(z.strictObject({orgSlug: z.string(), reason: z.string()}))
    .max(200)
    .default([]),
  /** Entries of the list that the API can't give, by their place in it, from 1; and which organization comes before. */
  unlisted: z
    .array(z.strictObject({position: z.number().int().positive(), after: z.string().max(200).optional()}))
    .max(200)
    .default([]),
  /** How many at a time the API turned out to be worth. */
  width: z.number().int().positive().optional(),
  /** Tries that something came of: a part that adds none got nowhere. */
  tries: count,
  synced: count,
  failed: count,
  skipped: count,
  datasetsCreated: count,
  tablesCreated: count,
  columnsAdded: count,
})

/** Where a run stands, as its next message carries it: small, however many organizations there are. */
export const syncTallySchema = z.preprocess(renameOldKeys, stateSchema)
export type SyncTally = z.infer<typeof stateSchema>

/** What happened to a run. */
export type SyncEvent =
  | {readonly type: 'total'; readonly total: number}
  | {readonly type: 'taken'; readonly organization: ListedOrganization}
  | {readonly type: 'unlisted'; readonly position: number}
  | {readonly type: 'listed'}
  /** The first of a queue is begun; of those interrupted the one that is named. */
  | {readonly type: 'begun'; readonly queue: 'requested' | 'retryQueue'}
  | {readonly type: 'resumed'; readonly orgSlug: string}
  | {readonly type: 'synced'; readonly result: OrganizationSyncResult}
  | {readonly type: 'skipped'}
  | {readonly type: 'failed'; readonly task: SyncTask; readonly reason: string}
  /** The request was cut off: it may have been executed, and is tried once more as if it was not. */
  | {readonly type: 'interrupt'; readonly task: SyncTask; readonly reason: string; readonly startedAt: Date}
  /** Nothing was executed: it is as if it had not begun. */
  | {readonly type: 'requeue'; readonly task: SyncTask}
  | {readonly type: 'width'; readonly width: number}

/** So many wait for their second try, then the first of them gets it: a message has an end, failures may have none. */
export const maxWaiting = 200
/** As many as the ledger keeps lines. */
const maxFailures = 200
const maxReasonLength = 160

/** The state after an event; the one before stays as it was. */
export function apply(state: SyncTally, event: SyncEvent): SyncTally {
  switch (event.type) {
    case 'total':
      return {...state, total: state.total ?? event.total}
    case 'taken':
      return {...state, cursor: advanceCursor(state.cursor, event.organization)}
    case 'unlisted':
      return noteUnlisted(state, event.position)
    case 'listed':
      return {...state, isListed: true}
    case 'begun':
      return {...state, [event.queue]: state[event.queue].slice(1)}
    case 'resumed':
      return {...state, interrupted: state.interrupted.filter(({orgSlug}) => orgSlug !== event.orgSlug)}
    case 'synced':
      return addResult({...state, tries: state.tries + 1}, event.result)
    case 'skipped':
      return {...state, tries: state.tries + 1, skipped: state.skipped + 1}
    case 'failed':
      return fail({...state, tries: state.tries + 1}, event.task, event.reason)
    case 'interrupt': {
      const {task, startedAt} = event
      const next = {...state, tries: state.tries + 1}
      // Twice is no accident: a third request might run beside the second.
      if (task.wasInterrupted) return fail(next, {...task, isSecondTry: true}, event.reason)
      const entry = {...task, wasInterrupted: true, startedAt: startedAt.toISOString()}
      return {...next, interrupted: [...state.interrupted, entry]}
    }
    case 'requeue':
      return {...state, interrupted: [...state.interrupted, {...event.task}]}
    case 'width':
      return {...state, width: event.width}
  }
}

/** Whether one that fails now gets a second try. */
export function hasSecondTry({isSecondTry}: SyncTask): boolean {
  return !isSecondTry
}

export function isComplete({isListed, requested, interrupted, retryQueue}: SyncTally): boolean {
  return isListed && requested.length + interrupted.length + retryQueue.length === 0
}

/** `done`, `failed` of `total`, as far as it is. */
export function progressOf({synced, skipped, failed, retryQueue, total = 0}: SyncTally): Counts {
  const done = synced + skipped + failed
  return {done, failed: failed + retryQueue.length, total: Math.max(done, total)}
}

function fail(state: SyncTally, {orgSlug, isSecondTry}: SyncTask, reason: string): SyncTally {
  if (!isSecondTry) return {...state, retryQueue: [...state.retryQueue, orgSlug]}
  const failures =
    state.failures.length < maxFailures
      ? [...state.failures, {orgSlug, reason: toPrintableLine(reason, maxReasonLength)}]
      : state.failures
  return {...state, failed: state.failed + 1, failures}
}

function addResult(state: SyncTally, result: OrganizationSyncResult): SyncTally {
  return {
    ...state,
    synced: state.synced + 1,
    datasetsCreated: state.datasetsCreated + Number(result.dataset_created),
    tablesCreated: state.tablesCreated + result.tables_created.length,
    columnsAdded: state.columnsAdded + Object.values(result.columns_added).flat().length,
  }
}

function noteUnlisted(state: SyncTally, position: number): SyncTally {
  const {unlisted, cursor} = state
  // The next part meets it again where it begins close behind.
  if (unlisted.some(known => known.position === position) || unlisted.length >= maxFailures) return state
  const after = cursor?.recent.at(-1)
  return {...state, unlisted: [...unlisted, {position, ...(after === undefined ? {} : {after})}]}
}

/** A part that an earlier release handed over has other names for the same things. */
function renameOldKeys(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || !('leftOver' in value || 'again' in value || 'named' in value)) {
    return value
  }
  const {named, again, leftOver, ...rest}: Record<string, unknown> = {...value}
  const interrupted = Array.isArray(leftOver)
    ? leftOver.map(({wasCut, ...task}: Record<string, unknown>) => ({...task, wasInterrupted: wasCut}))
    : leftOver
  return {...rest, requested: named, retryQueue: again, interrupted}
}
