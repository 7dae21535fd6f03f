import orgSyncAll from '../../functions/manual/org-sync-all.ts'
import type {AdminApi} from '../../lib/admin-api/admin-api.ts'
import type {BootstrapStatus} from '../../lib/admin-api/bootstrap-operations.ts'
import {parseEnvironment} from '../../lib/environment/environment.ts'
import type {Counts, Outcome} from '../../lib/job/outcome.ts'
import {createRecordingLog} from './recording-log.ts'

type FakeApi = Pick<AdminApi, 'listActiveOrganizations' | 'syncOrganization'> &
  Partial<Pick<AdminApi, 'bootstrapStatus'>>

type Part = {readonly outcome: Outcome; readonly lines: string[]; readonly progress: Counts[]}

/** Executes one part of org-sync-all with a fake of the admin API. */
export async function runSyncPart(
  api: FakeApi,
  given: {
    args?: Readonly<Record<string, unknown>>
    windDown?: AbortSignal
    projectId?: string
    now?: () => Date
    deadline?: Date
  } = {},
): Promise<Part> {
  const {log, lines} = createRecordingLog()
  const {windDown = new AbortController().signal, projectId = 'cloudact-testing-1'} = given
  const progress: Counts[] = []
  const outcome = await orgSyncAll.run({
    args: orgSyncAll.args.parse(given.args ?? {}),
    requestedBy: 'ann',
    runId: 'org-sync-all@01KAR4ZQ5R0000000000000000',
    part: 1,
    slot: undefined,
    environment: parseEnvironment({GCP_PROJECT_ID: projectId, ENVIRONMENT: 'staging'}, []),
    log,
    signal: new AbortController().signal,
    windDown,
    deadline: given.deadline ?? new Date(8.64e15),
    now: given.now ?? (() => new Date()),
    progress: counts => void progress.push(counts),
    api: onlyGiven<AdminApi>({bootstrapStatus: async () => bootstrapStatus(), ...api}),
    quotaTable: onlyGiven({}),
    pipelineBatches: onlyGiven({}),
    supabase: onlyGiven({}),
  })
  return {outcome, lines, progress}
}

/** Executes part after part, each with what the one before left to do, until the run is over. */
export async function runSyncParts(
  api: FakeApi,
  given: {
    args?: Readonly<Record<string, unknown>>
    /** The signal of the next part. */
    windDown: () => AbortSignal
  },
): Promise<{outcome: Outcome; parts: number; maxMessageLength: number}> {
  let args = given.args ?? {}
  let maxMessageLength = 0
  for (let parts = 1; ; parts += 1) {
    if (parts > 1000) throw new Error('the run goes on without end')
    const {outcome} = await runSyncPart(api, {args, windDown: given.windDown()})
    if (outcome.event !== 'continued') return {outcome, parts, maxMessageLength}
    const message = JSON.stringify(outcome.next)
    maxMessageLength = Math.max(maxMessageLength, message.length)
    args = JSON.parse(message)
  }
}

export function bootstrapStatus(more: Partial<BootstrapStatus> = {}): BootstrapStatus {
  return {
    status: 'SYNCED',
    dataset_exists: true,
    tables_expected: 21,
    tables_existing: [],
    tables_missing: [],
    tables_extra: [],
    schema_diffs: {},
    message: 'In sync',
    ...more,
  }
}

function onlyGiven<Client extends object>(given: Partial<Client>): Client {
  return new Proxy({...given} as Client, {
    get(target, key) {
      if (!Object.hasOwn(target, key)) throw new Error(`the job uses ${String(key)}, which it should not`)
      return Reflect.get(target, key)
    },
  })
}
