import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import migrate from '../../functions/manual/supabase-migrate.ts'
import type {Outcome} from '../../lib/job/outcome.ts'
import {createSupabase, type Supabase} from '../../lib/supabase/supabase.ts'
import {runJob} from './job-run.ts'
import {createRecordingLog} from './recording-log.ts'

export const runnerToken = 'sbp_right'

/** A function that was killed: nothing more came from it. */
export class KilledError extends Error {
  override readonly name = 'KilledError'
}

export type MigrationRunner = {
  readonly folder: string
  readonly put: (name: string, sql: string) => Promise<void>
  readonly run: (
    args?: Readonly<Record<string, unknown>>,
    options?: {
      /** @default a new one */
      readonly runId?: string
      /** Fired: the run takes on nothing new. */
      readonly windDown?: AbortSignal
      /** Dies at this request, from 1: before it is sent, or after it was answered. */
      readonly killAt?: {readonly request: number; readonly isSent: boolean}
    },
  ) => Promise<Outcome>
  readonly remove: () => Promise<void>
}

/** The job's own client of an endpoint. */
export function createRunnerClient(url: string): Supabase {
  return createSupabase({
    baseUrl: url,
    accessToken: runnerToken,
    projectRef: 'local',
    log: createRecordingLog().log,
    signal: new AbortController().signal,
    deadline: new Date(Date.now() + 300_000),
    now: () => new Date(),
    random: () => 0,
    newRequestId: () => 'request',
  })
}

/** The migration job over a folder of its own, against an endpoint. */
export async function createMigrationRunner(url: string, files: ReadonlyMap<string, string>): Promise<MigrationRunner> {
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'))
  const put = (name: string, sql: string) => writeFile(join(folder, name), sql)
  for (const [name, sql] of files) await put(name, sql)
  let runs = 0
  return {
    folder,
    put,
    async run(args = {}, {runId, windDown, killAt} = {}) {
      runs += 1
      const supabase = createRunnerClient(url)
      const {outcome} = await runJob(migrate, {
        args,
        supabase: killAt === undefined ? supabase : dieAt(supabase, killAt),
        ...(windDown === undefined ? {} : {windDown}),
        runId: runId ?? `supabase-migrate@run${runs}`,
        env: {SUPABASE_MIGRATIONS_DIR: folder},
      })
      return outcome
    },
    remove: () => rm(folder, {recursive: true}),
  }
}

function dieAt(supabase: Supabase, {request, isSent}: {readonly request: number; readonly isSent: boolean}): Supabase {
  let requests = 0
  return {
    async query(sql, options) {
      requests += 1
      if (requests > request || (requests === request && !isSent)) throw new KilledError('killed')
      const answer = await supabase.query(sql, options)
      if (requests === request) throw new KilledError('killed')
      return answer
    },
  }
}
