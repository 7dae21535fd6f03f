import {startAdminApi} from '../../deploy/local/admin-api/server.ts'
import {createFaultPlan} from '../../deploy/local/fault-plan.ts'
import {startStandInServer} from '../../deploy/local/stand-in-server.ts'
import type {Job} from '../../lib/job.ts'
import {readMigrationFolder} from '../../lib/migration-folder.ts'
import {type InstantLedger, startInstantLedger} from './instant-ledger.ts'

const secrets = {CA_ROOT_API_KEY: 'k'.repeat(40), SUPABASE_ACCESS_TOKEN: `sbp_${'0'.repeat(40)}`}

export type Counterparts = {
  readonly ledger: InstantLedger
  /** A function's whole environment. */
  readonly envOf: (job: Job) => Record<string, string>
  readonly stop: () => Promise<void>
}

/** Everything that a function calls, answering at once: the ledger and Supabase from memory, the sandbox's admin API. */
export async function startCounterparts(): Promise<Counterparts> {
  const files = await readMigrationFolder(new URL('../../functions/manual/migrations/', import.meta.url))
  const tracking = files.map(({name, checksum}) => ({filename: name, checksum}))
  const [ledger, adminApi, supabase] = await Promise.all([
    startInstantLedger(),
    startAdminApi({rootKey: secrets.CA_ROOT_API_KEY, rateLimits: false}),
    startStandInServer({faults: createFaultPlan(), respond: async () => ({status: 201, body: tracking})}),
  ])
  return {
    ledger,
    envOf: job => ({
      NODE_ENV: 'production',
      FUNCTION_TARGET: job.functionName,
      GCP_PROJECT_ID: 'cloudact-local',
      ENVIRONMENT: 'staging',
      ...Object.fromEntries(job.secrets.map(name => [name, secrets[name]])),
      API_SERVICE_URL: adminApi.url,
      SUPABASE_API_URL: supabase.url,
      BIGQUERY_EMULATOR_HOST: ledger.url,
      // Nothing that succeeds publishes: whoever tries is refused, and seen.
      PUBSUB_EMULATOR_HOST: '127.0.0.1:9',
      METADATA_SERVER_DETECTION: 'none',
    }),
    async stop() {
      await Promise.all([ledger.stop(), adminApi.stop(), supabase.stop()])
    },
  }
}
