import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {bundleFunction} from '../../deploy/bundle/bundle.ts'
import {loadCatalogue} from '../../deploy/catalogue/catalogue.ts'
import {toPushBody} from '../support/push-delivery.ts'
import {stagedEnv} from '../support/staged-env.ts'
import {start} from './cold-start.ts'
import {startInstantLedger} from './instant-ledger.ts'
import {type Group, inTurn, medianOf, type Row} from './row.ts'
import {type SyncServer, startSyncServer} from './sync-server.ts'
import {measureWidth} from './width-row.ts'

const name = 'org-sync-all'
const organizations = 2000
const callMilliseconds = 100
const slowMilliseconds = 1000
const concurrency = 25
/** Calls × time / concurrency. */
const idealSeconds = (organizations * callMilliseconds) / concurrency / 1000

/** The deployed org-sync-all against a server that only waits. */
export const syncRows: Group = {
  name: 'sync',
  async measure({runs, tell}) {
    const root = await mkdtemp(join(tmpdir(), 'bench-sync-'))
    const [server, ledger] = await Promise.all([startSyncServer(), startInstantLedger()])
    try {
      const sync = await stageSync(root, server, ledger.url)
      const even = async (round: number) => {
        tell(`${organizations} organizations, evenly and with slow ones, round ${round} of ${runs}`)
        server.configure({organizations, milliseconds: () => callMilliseconds})
        return sync(organizations)
      }
      const uneven = () => {
        server.configure({
          organizations,
          milliseconds: index => (index % 50 === 25 ? slowMilliseconds : callMilliseconds),
        })
        return sync(organizations)
      }
      const taken = await inTurn(runs, {even, uneven})
      const seconds = medianOf(taken.even, ({seconds}) => seconds)
      const slowSeconds = medianOf(taken.uneven, ({seconds}) => seconds)
      const connections = Math.max(...taken.even.map(({connections}) => connections))
      const listed = async (count: number) => {
        server.configure({organizations: count, milliseconds: () => 0})
        return (await sync(count)).peakMemory
      }
      tell('a list of 10,000, and one of 100,000, once each')
      const small = await listed(10_000)
      const large = await listed(100_000)
      const rows: Row[] = [
        {
          what: `${name}: ${organizations} organizations at ${callMilliseconds} ms, ${concurrency} at a time`,
          note: `${connections} connections`,
          baseline: `calls × time / concurrency: ${idealSeconds.toFixed(1)} s`,
          goal: {limit: 0.94, is: 'at least'},
          figure: `${seconds.toFixed(2)} s`,
          value: idealSeconds / seconds,
          runs,
        },
        {
          what: `${name}: the same, 2 % of the calls taking ${slowMilliseconds / 1000} s`,
          baseline: `the ideal without them: ${idealSeconds.toFixed(1)} s`,
          goal: {limit: 1.3, is: 'at most'},
          figure: `${slowSeconds.toFixed(2)} s`,
          value: slowSeconds / idealSeconds,
          runs,
        },
        {
          what: `${name}: peak memory, 100,000 organizations`,
          note: 'one run each',
          baseline: `10,000: ${(small / 1e6).toFixed(0)} MB`,
          goal: {limit: 1.3, is: 'at most'},
          figure: `${(large / 1e6).toFixed(0)} MB`,
          value: large / small,
          runs: 1,
        },
      ]
      return [...rows, await measureWidth()]
    } finally {
      await Promise.all([server.stop(), ledger.stop()])
      await rm(root, {recursive: true})
    }
  },
}

/** Each run in a process of its own, warm: what is measured begins with the message. */
async function stageSync(root: string, server: SyncServer, ledgerUrl: string) {
  const job = (await loadCatalogue()).find(job => job.name === name)
  if (job === undefined) throw new Error(`there is no ${name}`)
  const {folder} = await bundleFunction(job, root)
  const env = stagedEnv(job, {
    NODE_ENV: 'production',
    API_SERVICE_URL: server.url,
    BIGQUERY_EMULATOR_HOST: ledgerUrl,
    PUBSUB_EMULATOR_HOST: '127.0.0.1:9',
  })
  let messages = 0
  const bodyOf = (args: Record<string, unknown>) => {
    messages += 1
    const attributes = {job: name, runId: `${name}@01BENCH${messages}`, trigger: 'manual', requestedBy: 'bench'}
    const data = JSON.stringify(args)
    return toPushBody({messageId: `bench-${messages}`, attributes, data, subscription: job.functionName})
  }
  return async (count: number) => {
    const running = await start([join(folder, 'framework/main.mjs')], {env})
    try {
      await running.push(bodyOf({org: ['org_0']}))
      server.takeConnections()
      const from = performance.now()
      await running.push(bodyOf({concurrency}))
      const seconds = (performance.now() - from) / 1000
      if (server.synced() !== count) throw new Error(`${server.synced()} of ${count} organizations were synced`)
      const {peakMemory} = await running.usage()
      return {seconds, peakMemory, connections: server.takeConnections()}
    } finally {
      await running.kill()
    }
  }
}
