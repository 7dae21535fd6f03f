import type {AdminApi} from '../admin-api/admin-api.ts'
import type {PipelineBatches} from '../bigquery/pipeline-batches.ts'
import type {QuotaTable} from '../bigquery/quota-table.ts'
import type {Environment} from '../environment/environment.ts'
import type {Log} from '../log/log.ts'
import type {Supabase} from '../supabase/supabase.ts'
import type {Counts} from './outcome.ts'

/** What `run()` gets. Clients are made when they are first asked for. */
export type JobContext<Args> = {
  readonly args: Args
  readonly runId: string
  /** Who published the run: a person's name, `Cloud Scheduler`, `unknown`. */
  readonly requestedBy: string
  /** Which message of the run this is, from 1; more than 1 after `continued`. */
  readonly part: number
  /** The cron slot of a scheduled run. */
  readonly slot: Date | undefined
  readonly environment: Environment
  readonly log: Log
  /** Fires 30 s before the function's timeout, or when the instance is told to stop. */
  readonly signal: AbortSignal
  /** When `signal` fires, unless the instance is told to stop before. */
  readonly deadline: Date
  /**
   * Fires a minute before `signal`, and whenever that fires: a job that can go on as another message takes on nothing
   * new from here, so that what is in flight comes to its end before it is cut off.
   */
  readonly windDown: AbortSignal
  readonly now: () => Date
  /** Tells the ledger how far the run is; may be called as often as one likes. */
  readonly progress: (counts: Counts) => void
  /** The admin API; its requests end when the signal fires. */
  readonly api: AdminApi
  /** The API's quota records in BigQuery. */
  readonly quotaTable: QuotaTable
  /** What the API writes down of its runs over the pipelines, in BigQuery. */
  readonly pipelineBatches: PipelineBatches
  /** The database of Supabase, through its management API. */
  readonly supabase: Supabase
}

/** The clients among what `run()` gets. */
export type Clients = Pick<JobContext<unknown>, 'api' | 'quotaTable' | 'pipelineBatches' | 'supabase'>
