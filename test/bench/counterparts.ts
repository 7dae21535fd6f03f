import {startAdminApi} from '../../deploy/local/admin-api/server.ts'
import {startEmulatorServer} from '../../deploy/local/emulator/emulator-server.ts'
import type {EmulatorResponse} from '../../deploy/local/emulator/exchange.ts'
import {createInjectedFaults} from '../../deploy/local/emulator/injected-faults.ts'
import {startSupabase} from '../../deploy/local/supabase/server.ts'
import type {Job} from '../../lib/job/job.ts'
import {stagedEnv, stagedSecrets} from '../support/staged-env.ts'
import {type InstantLedger, startInstantLedger} from './instant-ledger.ts'

export type Counterparts = {
  readonly ledger: InstantLedger
  /** A function's whole environment. */
  readonly envOf: (job: Job) => Record<string, string>
  /** From now on every request gets the last answer that its like got, from memory. */
  readonly answerAtOnce: () => void
  readonly stop: () => Promise<void>
}

/**
 * Everything that a function calls: the ledger from memory, and the sandbox's admin API and Supabase behind a server that
 * learns their answers, so that what is measured later is the function's own time.
 */
export async function startCounterparts(): Promise<Counterparts> {
  const [adminApi, supabase] = await Promise.all([
    startAdminApi({rootKey: stagedSecrets.CA_ROOT_API_KEY, rateLimits: false}),
    startSupabase({accessToken: stagedSecrets.SUPABASE_ACCESS_TOKEN, projectRef: 'local', requestsPerMinute: 10_000}),
  ])
  const ledger = await startInstantLedger(() => adminApi.organizations.count('ACTIVE'))
  const learning = await Promise.all([startLearning(adminApi.url), startLearning(supabase.url)])
  const [api, database] = learning
  return {
    ledger,
    envOf: job =>
      stagedEnv(job, {
        NODE_ENV: 'production',
        API_SERVICE_URL: api.url,
        SUPABASE_API_URL: database.url,
        BIGQUERY_EMULATOR_HOST: ledger.url,
        // Nothing that succeeds publishes: whoever tries is refused, and seen.
        PUBSUB_EMULATOR_HOST: '127.0.0.1:9',
      }),
    answerAtOnce: () => {
      for (const {answerAtOnce} of learning) answerAtOnce()
    },
    async stop() {
      await Promise.all([ledger, adminApi, supabase, ...learning].map(({stop}) => stop()))
    },
  }
}

async function startLearning(target: string) {
  const known = new Map<string, EmulatorResponse>()
  let isLearnt = false
  const server = await startEmulatorServer({
    faults: createInjectedFaults(),
    async respond({method, url, headers, body}) {
      const key = `${method} ${url.pathname}${url.search} ${body}`
      const answer = isLearnt ? known.get(key) : undefined
      if (answer !== undefined) return answer
      const {host: _host, connection: _connection, 'content-length': _length, ...sent} = headers
      const response = await fetch(`${target}${url.pathname}${url.search}`, {
        method,
        headers: sent as Record<string, string>,
        // fetch calls a text without a type text/plain, even an empty one.
        ...(body === '' ? {} : {body}),
      })
      const learnt = {status: response.status, body: await response.json()}
      known.set(key, learnt)
      return learnt
    },
  })
  return {
    url: server.url,
    answerAtOnce() {
      isLearnt = true
    },
    stop: server.stop,
  }
}
