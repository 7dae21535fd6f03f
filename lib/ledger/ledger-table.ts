import * as z from 'zod'
import {type LedgerEntry, ledgerEntrySchema} from './ledger-entry.ts'

/** Where the ledger is: one dataset a project, one append-only table. */
export const ledgerDataset = 'scheduler_jobs'
export const ledgerTable = 'job_runs'
/** Job ids of BigQuery are unique within a location only, so the ledger's is said with every statement. */
export const ledgerLocation = 'us-central1'
export const ledgerRetentionDays = 400

type ColumnType = 'STRING' | 'INT64' | 'TIMESTAMP' | 'JSON'

type Column = {readonly name: string; readonly type: ColumnType; readonly value: (entry: LedgerEntry) => unknown}

/**
 * The table's columns, in order, with what each takes from an entry. Moments stay Dates: the client drops the text of a
 * TIMESTAMP parameter without a word and stores NULL.
 */
export const ledgerColumns: readonly Column[] = [
  {name: 'run_id', type: 'STRING', value: entry => entry.runId},
  {name: 'job', type: 'STRING', value: entry => entry.job},
  {name: 'attempt', type: 'INT64', value: entry => entry.attempt},
  {name: 'part', type: 'INT64', value: entry => entry.part},
  {name: 'event', type: 'STRING', value: entry => entry.event},
  {name: 'at', type: 'TIMESTAMP', value: entry => entry.at},
  {name: 'lease_until', type: 'TIMESTAMP', value: entry => entry.leaseUntil ?? null},
  {name: 'message_id', type: 'STRING', value: entry => entry.messageId},
  {name: 'trigger', type: 'STRING', value: entry => entry.trigger},
  {name: 'requested_by', type: 'STRING', value: entry => entry.requestedBy},
  {name: 'args', type: 'JSON', value: entry => JSON.stringify(entry.args)},
  {name: 'summary', type: 'STRING', value: entry => entry.summary ?? null},
  {name: 'counts', type: 'JSON', value: entry => (entry.counts === undefined ? null : JSON.stringify(entry.counts))},
  {name: 'error', type: 'JSON', value: entry => (entry.error === undefined ? null : JSON.stringify(entry.error))},
  {name: 'duration_ms', type: 'INT64', value: entry => entry.durationMilliseconds ?? null},
  {name: 'version', type: 'STRING', value: entry => entry.version},
  {name: 'request_id', type: 'STRING', value: entry => entry.requestId ?? null},
]

/** What `tables.insert` takes. Source: BigQuery REST reference, Table. */
export const ledgerTableMetadata = {
  description: "History of every attempt of CloudAct's scheduled and release jobs. Append only.",
  schema: {fields: ledgerColumns.map(({name, type}) => ({name, type, mode: 'NULLABLE' as const}))},
  timePartitioning: {type: 'DAY', field: 'at', expirationMs: String(ledgerRetentionDays * 86_400_000)},
  clustering: {fields: ['job', 'run_id']},
}

const optionalText = z
  .string()
  .nullish()
  .transform(value => value ?? undefined)
const json = z.union([
  z.string().transform((text): unknown => JSON.parse(text)),
  z.record(z.string(), z.unknown()),
  z.null(),
])
// The client gives timestamps as objects that hold the text.
const timestamp = z.object({value: z.string()}).transform(({value}) => new Date(value))
const count = z.union([z.number(), z.string()]).transform(Number)

const rowSchema = z
  .object({
    run_id: z.string(),
    job: z.string(),
    attempt: count,
    part: count,
    event: z.string(),
    at: timestamp,
    lease_until: timestamp.nullish(),
    message_id: z.string(),
    trigger: z.string(),
    requested_by: z.string(),
    args: json,
    summary: optionalText,
    counts: json,
    error: json,
    duration_ms: count.nullish(),
    version: z.string(),
    request_id: optionalText,
  })
  .transform(row => ({
    runId: row.run_id,
    job: row.job,
    attempt: row.attempt,
    part: row.part,
    event: row.event,
    at: row.at,
    leaseUntil: row.lease_until ?? undefined,
    messageId: row.message_id,
    trigger: row.trigger,
    requestedBy: row.requested_by,
    args: row.args ?? {},
    summary: row.summary,
    counts: row.counts ?? undefined,
    error: row.error ?? undefined,
    durationMilliseconds: row.duration_ms ?? undefined,
    version: row.version,
    requestId: row.request_id,
  }))

/**
 * A row as BigQuery's client gives it.
 *
 * @throws z.ZodError if the table holds something else than this project writes.
 */
export function parseLedgerRow(row: unknown): LedgerEntry {
  return ledgerEntrySchema.parse(rowSchema.parse(row))
}
