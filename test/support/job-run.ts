import type {AdminApi} from '../../lib/admin-api/admin-api.ts'
import type {PipelineBatches} from '../../lib/bigquery/pipeline-batches.ts'
import type {QuotaTable} from '../../lib/bigquery/quota-table.ts'
import {parseEnvironment} from '../../lib/environment/environment.ts'
import type {JobDeclaration} from '../../lib/job/job.ts'
import type {Outcome} from '../../lib/job/outcome.ts'
import type {Supabase} from '../../lib/supabase/supabase.ts'
import {createRecordingLog} from './recording-log.ts'

type Given = {
  /** As a message brings them. */
  readonly args?: Readonly<Record<string, unknown>>
  readonly api?: Partial<AdminApi>
  readonly quotaTable?: Partial<QuotaTable>
  readonly pipelineBatches?: Partial<PipelineBatches>
  readonly supabase?: Partial<Supabase>
  readonly slot?: string
  /** One moment, or each time the clock is asked the next of them (the last stays). */
  readonly now?: string | readonly string[]
  readonly part?: number
  readonly env?: Readonly<Record<string, string>>
  readonly runId?: string
  /** Ends the job's time: it takes on nothing new from here. */
  readonly windDown?: AbortSignal
}

/** Executes a job's `run()` with fakes; what a test did not give must not be used. */
export async function runJob(job: JobDeclaration, given: Given = {}): Promise<{outcome: Outcome; lines: string[]}> {
  const {log, lines} = createRecordingLog()
  const {now = '2026-11-23T08:00:00Z', slot, env} = given
  const moments = typeof now === 'string' ? [now] : [...now]
  const outcome = await job.run({
    args: job.args.parse(given.args ?? {}),
    runId: given.runId ?? 'some-job@01KAR4ZQ5R0000000000000000',
    requestedBy: 'ann',
    part: given.part ?? 1,
    slot: slot === undefined ? undefined : new Date(slot),
    environment: parseEnvironment({GCP_PROJECT_ID: 'cloudact-local', ENVIRONMENT: 'staging', ...env}, []),
    log,
    signal: new AbortController().signal,
    windDown: given.windDown ?? new AbortController().signal,
    deadline: new Date(8.64e15),
    now: () => new Date((moments.length > 1 ? moments.shift() : moments[0]) ?? Number.NaN),
    progress: () => undefined,
    api: only<AdminApi>('api', given.api ?? {}),
    quotaTable: only<QuotaTable>('quotaTable', given.quotaTable ?? {}),
    pipelineBatches: only<PipelineBatches>('pipelineBatches', given.pipelineBatches ?? {}),
    supabase: only<Supabase>('supabase', given.supabase ?? {}),
  })
  return {outcome, lines}
}

function only<Client extends object>(name: string, given: Partial<Client>): Client {
  return new Proxy({...given} as Client, {
    get(target, key) {
      if (!Object.hasOwn(target, key)) throw new Error(`the job uses ${name}.${String(key)}, which it should not`)
      return Reflect.get(target, key)
    },
  })
}
