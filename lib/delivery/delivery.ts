import type {Environment} from '../environment/environment.ts'
import {currentVersion} from '../environment/version.ts'
import type {Job} from '../job/job.ts'
import type {Clients} from '../job/job-context.ts'
import type {LedgerEntry} from '../ledger/ledger-entry.ts'
import type {RunLedger} from '../ledger/run-ledger.ts'
import type {Log} from '../log/log.ts'
import type {Redact} from '../log/redact.ts'
import type {Message} from '../run/message.ts'
import type {MessagePublisher} from '../run/message-publisher.ts'
import type {RunRequest} from '../run/run-request.ts'

/** What delivering needs; made once, at start. */
export type DeliveryServices = {
  readonly job: Job
  readonly environment: Environment
  readonly ledger: RunLedger
  readonly publisher: MessagePublisher
  readonly redact: Redact
  readonly log: Log
  readonly now: () => Date
  /** Milliseconds on a monotonic clock. */
  readonly monotonic: () => number
  /** The clients of one attempt. */
  readonly createClients: (attempt: {
    readonly log: Log
    readonly signal: AbortSignal
    readonly deadline: Date
    /** Throws once the attempt is no longer this process's own. */
    readonly fence: () => void
    /** Receives in a line what a client repeats, and why; undefined when that is over. */
    readonly onRetry: (text: string | undefined) => void
    readonly traceparent: string | undefined
  }) => Clients
}

/** One message on its way through `deliver()`, read and checked. */
export type Delivery = {
  readonly message: Message
  readonly request: RunRequest
  readonly args: Readonly<Record<string, unknown>>
  readonly isIdempotent: boolean
  readonly log: Log
}

/** An entry of the ledger for this delivery; what it says is redacted where it is written. */
export function toEntry(
  {job}: DeliveryServices,
  {request, args}: Pick<Delivery, 'request' | 'args'>,
  more: Pick<LedgerEntry, 'attempt' | 'event' | 'at'> & Partial<LedgerEntry>,
): LedgerEntry {
  return {
    runId: request.runId,
    job: job.name,
    part: request.part,
    messageId: request.messageId,
    trigger: request.trigger,
    requestedBy: request.requestedBy,
    ...(request.requestId === undefined ? {} : {requestId: request.requestId}),
    args: {...args},
    version: currentVersion(),
    ...more,
  }
}
