import type {BigQuery} from '@google-cloud/bigquery'
import * as z from 'zod'
import {ContractError} from '../errors/contract-error.ts'
import {toLine} from '../log/issue-line.ts'
import {readTable} from './reach-table.ts'

/** One call of the API's run over the pipelines, which it writes down when the call ends. */
export type PipelineBatch = z.infer<typeof rowSchema>

/**
 * The API's table of runs over the pipelines, `organizations.org_meta_pipeline_batch_runs`. Every method gives undefined
 * where the table does not exist, and throws what `readTable` throws. Dry runs, which are there too, are passed over.
 */
export type PipelineBatches = {
  /**
   * Those for one day's costs that ended since a moment, oldest first.
   *
   * @param given.orgSlug absent: the runs over all organizations.
   * @param given.day `2026-11-25`
   */
  readonly endedSince: (given: {
    readonly orgSlug: string | undefined
    readonly day: string
    readonly since: Date
  }) => Promise<PipelineBatch[] | undefined>
  /** When the first of any kind since a moment ended; null where there was none. */
  readonly firstEndedSince: (since: Date) => Promise<Date | null | undefined>
}

const table = '`organizations.org_meta_pipeline_batch_runs`'
const counts = [
  'orgs_processed',
  'orgs_skipped',
  'pipelines_triggered',
  'pipelines_failed',
  'pipelines_skipped_quota',
  'total_integrations',
]
const columns = ['batch_run_id', ...counts, 'elapsed_seconds', 'triggered_at'].map(name => `\`${name}\``).join(', ')
// Its `triggered_at` is the end of the call: the API takes the time when it writes the row.
const endedStatement = `SELECT ${columns}, TO_JSON_STRING(\`results\`) AS \`results\`, TO_JSON_STRING(\`errors\`) AS \`errors\` FROM ${table} WHERE \`org_slug\` = @org_slug AND \`run_date\` = @day AND NOT \`dry_run\` AND \`triggered_at\` >= @since ORDER BY \`triggered_at\` LIMIT 100`
const firstStatement = `SELECT MIN(\`triggered_at\`) AS \`first\` FROM ${table} WHERE NOT \`dry_run\` AND \`triggered_at\` >= @since`

const timestamp = z.object({value: z.string().pipe(z.coerce.date())}).transform(({value}) => value)
const count = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
const jsonText = z
  .string()
  .nullish()
  .transform((text): unknown => (text === null || text === undefined ? [] : JSON.parse(text)))

const rowSchema = z
  .object({
    batch_run_id: z.string(),
    orgs_processed: count,
    orgs_skipped: count,
    pipelines_triggered: count,
    pipelines_failed: count,
    pipelines_skipped_quota: count,
    total_integrations: count,
    elapsed_seconds: z.number(),
    triggered_at: timestamp,
    results: jsonText.pipe(
      z.array(
        z.object({
          org_slug: z.string(),
          provider: z.string(),
          status: z.string(),
          http_status: z.number().optional(),
          detail: z.string().optional(),
        }),
      ),
    ),
    errors: jsonText.pipe(z.array(z.object({org_slug: z.string(), error: z.string()}))),
  })
  .transform(row => ({
    ...row,
    endedAt: row.triggered_at,
    startedAt: new Date(row.triggered_at.getTime() - row.elapsed_seconds * 1000),
  }))
const firstSchema = z.array(z.object({first: timestamp.nullable()})).length(1)

/** @param options.signal ends the waiting for BigQuery. */
export function createPipelineBatches(options: {
  readonly bigQuery: BigQuery
  readonly signal: AbortSignal
}): PipelineBatches {
  const {bigQuery, signal} = options
  return {
    async endedSince({orgSlug = 'ALL', day, since}) {
      const what = `look for runs over the pipelines of ${day}`
      const params = {org_slug: orgSlug, day: bigQuery.date(day), since: bigQuery.timestamp(since)}
      const rows = await readTable(bigQuery, signal, {what, query: endedStatement, params})
      return rows && parse(z.array(rowSchema), rows)
    },
    async firstEndedSince(since) {
      const what = 'look for runs over the pipelines'
      const params = {since: bigQuery.timestamp(since)}
      const rows = await readTable(bigQuery, signal, {what, query: firstStatement, params})
      return rows && parse(firstSchema, rows)[0]?.first
    },
  }
}

/** @throws ContractError for a row of another shape. */
function parse<Schema extends z.ZodType>(schema: Schema, rows: unknown): z.output<Schema> {
  const parsed = schema.safeParse(rows)
  if (parsed.success) return parsed.data
  throw new ContractError(`a row of ${table} is against the contract: ${toLine(parsed.error)}`)
}
