/** The contract's operations, by the names under which the books keep them. */
export type Operation =
  | 'health'
  | 'bootstrap-status'
  | 'bootstrap'
  | 'bootstrap-sync'
  | 'list-organizations'
  | 'sync-organization'
  | 'reset-daily'
  | 'reset-monthly'
  | 'cleanup-stale'
  | 'process-alerts'

/** Who sent a request, as its headers say. */
type Sender = {readonly requestId: string | undefined; readonly userAgent: string | undefined}

/** One operation that was carried out, whatever the client got to see of it. Health checks are not entered. */
type Done = Sender & {
  readonly operation: Operation
  readonly at: string
  readonly orgSlug: string | undefined
  /** How many things it changed: tables and columns made, records created, organizations fixed; 0 for one that reads. */
  readonly changes: number
  /** The client had gone, or had been sent away with a 504, before the work was finished. */
  readonly clientGone: boolean
  /** False where the work ended before its end: the client had gone, the stand-in was stopped, something broke. */
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

/** A `force_recreate_…: true` that was carried out. No job ever sends it. */
type Destruction = {
  readonly at: string
  readonly what: 'dataset' | 'tables'
  readonly requestId: string | undefined
}

/**
 * What the stand-in really did since it was started, for a test's accounting against what the jobs report. Append-only;
 * never holds the root key, even if a client puts it into another header or the path.
 */
export type RequestLog = {
  readonly done: readonly Done[]
  readonly refused: readonly Refused[]
  readonly notifications: readonly Notification[]
  readonly destructions: readonly Destruction[]
}

export type RequestRecorder = {
  readonly requestLog: RequestLog
  readonly done: (entry: Done) => void
  readonly refused: (entry: Refused) => void
  readonly notified: (entry: Notification) => void
  readonly destroyed: (entry: Destruction) => void
}

export function createRequestRecorder(rootKey: string): RequestRecorder {
  const done: Done[] = []
  const refused: Refused[] = []
  const notifications: Notification[] = []
  const destructions: Destruction[] = []
  return {
    requestLog: {done, refused, notifications, destructions},
    done: entry => void done.push({...entry, ...clean(entry)}),
    refused: entry => void refused.push({...entry, ...clean(entry), path: withoutKey(entry.path)}),
    notified: entry => void notifications.push({...entry, requestId: clean(entry).requestId}),
    destroyed: entry => void destructions.push({...entry, requestId: clean(entry).requestId}),
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
