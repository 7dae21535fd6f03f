import {createBoundedLog} from '../../emulator/bounded-log.ts'

/** Who sent a request, as its headers say. */
type Sender = {readonly requestId: string | undefined; readonly userAgent: string | undefined}

/** One operation that was executed, whatever the client got to see of it. Health checks are not logged. */
type Done = Sender & {
  /** Its route's name: `reset-daily`. */
  readonly operation: string
  readonly at: string
  readonly orgSlug: string | undefined
  /** How many things it changed: tables and columns made, records created, organizations fixed; 0 for one that reads. */
  readonly changes: number
  /** The client had gone, or had been sent away with a 504, before the work was finished. */
  readonly clientGone: boolean
  /** False where the work ended early: the client had gone, the emulator was stopped, something broke. */
  readonly finished: boolean
}

type Refused = Sender & {
  readonly at: string
  readonly method: string
  readonly path: string
  readonly status: number
}

type Notification = {
  readonly at: string
  readonly orgSlug: string
  readonly alertType: string
  readonly requestId: string | undefined
}

type TriggeredPipeline = {
  readonly at: string
  readonly orgSlug: string
  readonly provider: string
  readonly date: string
  readonly requestId: string | undefined
}

type CreatedQuotaRecord = {
  readonly at: string
  readonly orgSlug: string
  readonly day: string
  readonly requestId: string | undefined
}

/** A `force_recreate_…: true` that was executed. No job ever sends it. */
type Destruction = {
  readonly at: string
  readonly what: 'dataset' | 'tables'
  readonly requestId: string | undefined
}

/**
 * What the emulator really did since it was started, for a test's accounting against what the jobs report. Append-only;
 * never holds the root key, even if a client puts it into another header or the path.
 */
export type RequestLog = {
  readonly done: readonly Done[]
  readonly refused: readonly Refused[]
  readonly notifications: readonly Notification[]
  /** Pipelines that were triggered. */
  readonly pipelines: readonly TriggeredPipeline[]
  /** Daily quota records, as they were created: two calls at once create some twice. */
  readonly quotaRecords: readonly CreatedQuotaRecord[]
  readonly destructions: readonly Destruction[]
}

export type RequestRecorder = {
  readonly requestLog: RequestLog
  readonly done: (entry: Done) => void
  readonly refused: (entry: Refused) => void
  readonly notified: (entry: Notification) => void
  readonly triggered: (entry: TriggeredPipeline) => void
  readonly recordCreated: (entry: CreatedQuotaRecord) => void
  readonly destroyed: (entry: Destruction) => void
}

/** The newest of each kind: more than any test asks for, and no more than a sandbox that is up for weeks can bear. */
const maxEntries = 20_000

export function createRequestRecorder(rootKey: string): RequestRecorder {
  const done = createBoundedLog<Done>(maxEntries)
  const refused = createBoundedLog<Refused>(maxEntries)
  const notifications = createBoundedLog<Notification>(maxEntries)
  const pipelines = createBoundedLog<TriggeredPipeline>(maxEntries)
  const quotaRecords = createBoundedLog<CreatedQuotaRecord>(maxEntries)
  const destructions = createBoundedLog<Destruction>(maxEntries)
  return {
    requestLog: {
      done: done.entries,
      refused: refused.entries,
      notifications: notifications.entries,
      pipelines: pipelines.entries,
      quotaRecords: quotaRecords.entries,
      destructions: destructions.entries,
    },
    done: entry => void done.add({...entry, ...clean(entry)}),
    refused: entry => void refused.add({...entry, ...clean(entry), path: withoutKey(entry.path)}),
    notified: entry => void notifications.add({...entry, requestId: clean(entry).requestId}),
    triggered: entry => void pipelines.add({...entry, requestId: clean(entry).requestId}),
    recordCreated: entry => void quotaRecords.add({...entry, requestId: clean(entry).requestId}),
    destroyed: entry => void destructions.add({...entry, requestId: clean(entry).requestId}),
  }

  function clean(sender: {requestId: string | undefined; userAgent?: string | undefined}): Sender {
    return {
      requestId: sender.requestId && withoutKey(sender.requestId),
      userAgent: sender.userAgent && withoutKey(sender.userAgent),
    }
  }

  function withoutKey(text: string): string {
    return rootKey === '' ? text : text.replaceAll(rootKey, '[root key]')
  }
}
