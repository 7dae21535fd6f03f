import type {TableSet} from './table-set.ts'

/** One call of `pipelines/run-all`, as the service leaves it in `org_meta_pipeline_batch_runs` when the call ends. */
export type PipelineBatch = {
  readonly batchRunId: string
  /** `ALL`, or the organization that was named. */
  readonly orgSlug: string
  /** `2026-11-25` */
  readonly runDate: string
  readonly dryRun: boolean
  readonly orgsProcessed: number
  readonly orgsSkipped: number
  readonly pipelinesTriggered: number
  readonly pipelinesFailed: number
  readonly pipelinesSkippedQuota: number
  readonly totalIntegrations: number
  readonly results: readonly object[]
  readonly errors: readonly object[]
  readonly elapsedSeconds: number
  /** The end of the call, whatever its name says. */
  readonly triggeredAt: Date
}

export type QuotaRecord = {
  readonly orgSlug: string
  /** `2026-11-25` */
  readonly day: string
  readonly pipelinesRunMonth: number
}

/** Told of what the service writes in BigQuery, as it writes it: while a request is worked on, not when it ends. */
export type BigQueryTables = {
  /** After a bootstrap or a sync: the central dataset's tables as they are now. */
  readonly bootstrapped: (tables: TableSet) => Promise<void>
  readonly quotaRecordCreated: (record: QuotaRecord) => Promise<void>
  /** The month's count of every record of this day becomes 0. */
  readonly monthReset: (day: string) => Promise<void>
  readonly batchEnded: (batch: PipelineBatch) => Promise<void>
}

/** For a service without a BigQuery that is read. */
export const noTables: BigQueryTables = {
  bootstrapped: async () => undefined,
  quotaRecordCreated: async () => undefined,
  monthReset: async () => undefined,
  batchEnded: async () => undefined,
}
