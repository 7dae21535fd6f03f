import * as z from 'zod'

/**
 * `progress` is the heartbeat of a long attempt: it extends the lease, says how far the run is, and in its summary
 * which failed request is repeated. `discarded` and `cancelled`: an operator gave the run up; only a replay starts it
 * again.
 */
export const ledgerEvents = [
  'started',
  'progress',
  'succeeded',
  'degraded',
  'skipped',
  'failed',
  'continued',
  'duplicate',
  'discarded',
  'cancelled',
] as const

/** Why a message was dead-lettered. `exhausted`: every attempt failed in a way that might have passed. */
export const deadLetterKinds = ['permanent', 'unknown outcome', 'unreadable', 'exhausted'] as const

/** What went wrong, as the ledger keeps it. Never a header, a secret or a whole body. */
export const ledgerErrorSchema = z.object({
  name: z.string(),
  message: z.string(),
  /** What failed, one line each, where there is more than one thing. */
  details: z.array(z.string()).default([]),
  disposition: z.enum(['transient', 'permanent', 'ambiguous']),
  /** Set once the message is a dead letter: nothing more happens by itself. */
  kind: z.enum(deadLetterKinds).optional(),
  deadLetterId: z.string().optional(),
})
export type LedgerError = z.infer<typeof ledgerErrorSchema>

/** One row of `scheduler_jobs.job_runs`, the append-only history of attempts. */
export const ledgerEntrySchema = z.object({
  runId: z.string(),
  job: z.string(),
  /** From 1, counted over the whole run; 0 where nothing was attempted (an unreadable message, a duplicate). */
  attempt: z.number(),
  part: z.number(),
  event: z.enum(ledgerEvents),
  at: z.date(),
  leaseUntil: z.date().optional(),
  messageId: z.string(),
  trigger: z.enum(['schedule', 'manual', 'replay']),
  requestedBy: z.string(),
  args: z.record(z.string(), z.unknown()),
  summary: z.string().optional(),
  counts: z.record(z.string(), z.number()).optional(),
  error: ledgerErrorSchema.optional(),
  durationMilliseconds: z.number().optional(),
  version: z.string(),
  /** What the messages of one publication have in common; absent in entries of earlier releases. */
  requestId: z.string().optional(),
})
export type LedgerEntry = z.infer<typeof ledgerEntrySchema>
