import type {Counts} from '../job/outcome.ts'
import type {LedgerEntry} from '../ledger/ledger-entry.ts'
import type {RunLedger} from '../ledger/run-ledger.ts'
import type {Log} from '../log/log.ts'
import {toPrintableLine} from '../log/printable.ts'
import {isCancelled} from './cancellation.ts'
import type {Lease} from './lease.ts'

/** Progress goes to the ledger at most this often. */
const progressSeconds = 5

/**
 * Extends the lease three times within its length, or sooner when the job reports progress or a client repeats a request.
 * An attempt that the ledger doesn't know has no lease to extend.
 */
export function startHeartbeat(options: {
  readonly claimed: {readonly started: LedgerEntry; readonly lease: Lease} | undefined
  readonly ledger: RunLedger
  readonly log: Log
  readonly now: () => Date
  readonly leaseSeconds: number
  /** Told once when an operator has cancelled the run. */
  readonly onCancelled?: () => void
}) {
  const {claimed, ledger, log, now, leaseSeconds} = options
  if (claimed === undefined) return {progress: () => undefined, retry: () => undefined, end: async () => undefined}
  const {started, lease} = claimed
  let counts: Counts | undefined
  let retried: string | undefined
  let lastAt = now().getTime()
  let isReported = false
  let writing: Promise<void> | undefined

  const write = async () => {
    const at = now()
    lastAt = at.getTime()
    isReported = false
    const began = lease.moment()
    await ledger.record({
      ...started,
      event: 'progress',
      // Those of `started` hold. A continued run's may be long, and this is written every few seconds.
      args: {},
      at,
      leaseUntil: lease.nextUntil(),
      ...(counts === undefined ? {} : {counts}),
      ...(retried === undefined ? {} : {summary: retried}),
    })
    lease.extend(began)
    if (options.onCancelled !== undefined && (await isCancelled(ledger, started))) options.onCancelled()
  }
  const beat = Math.min(progressSeconds * 1000, (leaseSeconds * 1000) / 3)
  const timer = setInterval(() => {
    const isDue = now().getTime() - lastAt >= (leaseSeconds * 1000) / 3 - beat / 2
    // One write at a time; one that fails is tried again with the next heartbeat.
    if (writing !== undefined || !(isReported || isDue)) return
    writing = write()
      .catch(error => log.warn('no heartbeat written to the run ledger', {reason: String(error)}))
      .finally(() => {
        writing = undefined
      })
  }, beat)
  return {
    progress(latest: Counts) {
      counts = latest
      isReported = true
    },
    /** What is being repeated, until it no longer is: an operator reads why a run takes its time. */
    retry(text: string | undefined) {
      retried = text === undefined ? undefined : toPrintableLine(text, 1500)
      isReported = true
    },
    async end() {
      clearInterval(timer)
      await writing
    },
  }
}
