import assert from 'node:assert/strict'
import {loadCatalogue} from '../../deploy/catalogue/catalogue.ts'
import {runProgressOf} from '../../deploy/runs/run-progress.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {type RestartablePubSub, startRestartablePubSub} from '../support/restartable-pubsub.ts'
import {createSeededRandom} from '../support/seeded-random.ts'
import {startTestSandbox, type TestSandbox} from '../support/test-sandbox.ts'
import {type AskedRun, createFaultStorm} from './fault-storm.ts'
import {createOperators} from './operators.ts'
import {explain, waitUntilQuiet} from './storm-watch.ts'

const seed = Number(process.env['SEED'] ?? 20_261_123)
const runs = Number(process.env['RUNS'] ?? 60)
/** On a machine so busy that a claim takes longer, no attempt would begin. */
const leaseSeconds = Number(process.env['LEASE'] ?? 5)

/*
 * Drives the whole sandbox through runs of all jobs while everything fails that can, then counts from the request logs of
 * the counterparts. `SEED=… RUNS=… npm run test:faults` drives other ones; a failure prints the seed with its title.
 */
describe(`the promise under faults (SEED=${seed} RUNS=${runs})`, function () {
  // It ends when nothing moves any more: how long that takes is the machine's business.
  this.timeout(0)
  let sandbox: TestSandbox
  let pubSub: RestartablePubSub
  let asked: readonly AskedRun[]
  let operators: ReturnType<typeof createOperators>
  let histories: ReadonlyMap<string, readonly LedgerEntry[]>
  const ends = new Map<string, LedgerEntry>()

  before(async () => {
    const jobs = await loadCatalogue()
    pubSub = await startRestartablePubSub()
    sandbox = await startTestSandbox({
      jobs,
      concurrency: 2,
      startPubSub: async () => pubSub,
      functionEnv: {LEASE_SECONDS: String(leaseSeconds), JOB_TIMEOUT_SECONDS: '8', LOG_FORMAT: 'cloud'},
    })
    const random = createSeededRandom(seed)
    operators = createOperators({sandbox, jobs, random})
    const storm = createFaultStorm({sandbox, pubSub, jobs, random, leaseSeconds, operators})
    ;({asked} = storm)
    const seconds = createStopwatch()
    await storm.rage(runs)
    await storm.calm()
    const storming = seconds()
    await waitUntilQuiet({sandbox, pubSub}, {onLook: cancelEndless})
    const calming = seconds()
    await operators.settleAtOnce(['replay', 'replay'])
    while ((await operators.inventory()).deadLetters.length > 0) {
      await operators.settleAtOnce()
      await waitUntilQuiet({sandbox, pubSub}, {onLook: cancelEndless})
    }
    histories = Map.groupBy(await sandbox.ledger.since(new Date(0)), ({runId}) => runId)
    for (const [runId, history] of histories) {
      const progress = runProgressOf(history)
      if (progress.state === 'over') ends.set(runId, progress.entry)
    }
    const {settlements} = operators
    process.stdout.write(
      `    storm ${storming} s, calm ${calming} s, ${settlements.length} dead letters settled in ${seconds()} s, ${cancelled.size} cancelled; ${summarize(storm.events)}\n`,
    )
  })
  after(async () => {
    await operators?.stop()
    await sandbox?.stop()
  })

  const cancelled = new Set<string>()
  /**
   * A call over the pipelines that was cut off is looked for for hours, part after part. Where the API never worked on it,
   * nothing comes: an operator ends that.
   */
  async function cancelEndless(entries: readonly LedgerEntry[]): Promise<void> {
    for (const {runId, event, part} of entries) {
      if (event !== 'continued' || part < 2 || cancelled.has(runId)) continue
      cancelled.add(runId)
      await operators.cancel(runId)
    }
  }

  it('ends every run in the ledger, and each that failed had a reason and a dead letter', async () => {
    const lost = asked.filter(({runId}) => !ends.has(runId)).map(({runId}) => runId)
    assert.deepEqual(lost, [], `lost:\n${await explain({sandbox, pubSub}, lost)}`)
    // A dry run that failed is answered in the ledger alone.
    for (const {event, error, runId} of asked.flatMap(({runId}) => histories.get(runId) ?? [])) {
      if (event !== 'failed' || error?.kind === undefined) continue
      assert.ok(error.message, `${runId} failed without a reason`)
      assert.ok(error.deadLetterId, `${runId} failed, and there is no dead letter`)
    }
  })

  it('executes nothing twice that isn’t idempotent', async () => {
    for (const {runId, orgSlug} of asked) {
      if (orgSlug === undefined) continue
      const sent = sentOf(orgSlug)
      assert.ok(sent <= 1, `${runId} sent ${sent} notifications\n${await explain({sandbox, pubSub}, [runId])}`)
    }
  })

  it('says that a run succeeded only where it did, and that it failed only with the reason', async () => {
    for (const {runId, orgSlug} of asked) {
      const end = ends.get(runId)
      if (orgSlug === undefined || end === undefined) continue
      const isDoubtful = histories.get(runId)?.some(({error}) => error?.kind === 'unknown outcome')
      const expected = end.event === 'succeeded' ? 1 : isDoubtful ? undefined : 0
      if (expected === undefined || sentOf(orgSlug) === expected) continue
      assert.fail(`${runId} ${end.event}, but sent ${sentOf(orgSlug)}\n${await explain({sandbox, pubSub}, [runId])}`)
    }
  })

  it('settles each dead letter exactly once, though two operators are at it at the same time', async () => {
    const ids = [...histories.values()].flat().flatMap(({event, error}) => {
      return event === 'failed' && error?.deadLetterId !== undefined ? [error.deadLetterId] : []
    })
    assert.ok(ids.length > 0)
    // Nothing is listed any more, so each was settled: none of them twice.
    const byId = Map.groupBy(operators.settlements, ({id}) => id)
    const twice = [...byId].filter(([, all]) => all.length > 1 && all.every(({warning}) => warning === undefined))
    const runIds = [...histories].flatMap(([runId, history]) =>
      history.some(({error}) => twice.some(([id]) => id === error?.deadLetterId)) ? [runId] : [],
    )
    assert.deepEqual(twice, [], await explain({sandbox, pubSub}, runIds))
    assert.ok(operators.settlements.some(({verb}) => verb === 'discarded'))
  })

  it('destroys nothing, whatever happens', () => {
    assert.deepEqual(sandbox.adminApi.requestLog.destructions, [])
  })

  it('brings everything to where the runs that succeeded say it is', () => {
    const isGreen = (job: string) => asked.some(run => run.job === job && ends.get(run.runId)?.event === 'succeeded')
    if (isGreen('bootstrap')) assert.notEqual(sandbox.adminApi.dataset.tables(), undefined)
    if (isGreen('daily-quota-reset')) {
      const today = new Date().toISOString().slice(0, 10)
      assert.equal(sandbox.adminApi.organizations.get('acme_inc')?.state.quotaDate, today)
    }
    if (isGreen('daily-stale-cleanup')) {
      assert.equal(sandbox.adminApi.organizations.get('pied_piper')?.state.stuckCounters, 0)
    }
    if (isGreen('org-sync-all')) assert.notEqual(sandbox.adminApi.organizations.get('wayne_tech')?.dataset, undefined)
  })

  it('finished some runs in each way, or it has tested little', () => {
    const events = [...histories.values()].flat().map(({event}) => event)
    assert.ok(events.includes('succeeded'))
    assert.ok(events.includes('failed'))
    assert.ok([...ends.values()].some(({attempt}) => attempt > 1))
  })

  function sentOf(orgSlug: string): number {
    return sandbox.adminApi.requestLog.notifications.filter(notification => notification.orgSlug === orgSlug).length
  }
})

/** Seconds since it was last asked. */
function createStopwatch(): () => number {
  let from = performance.now()
  return () => {
    const now = performance.now()
    const seconds = Math.round((now - from) / 1000)
    from = now
    return seconds
  }
}

function summarize(events: readonly string[]): string {
  const counts = Object.entries(Object.groupBy(events, event => event)).map(([event, all]) => `${event} ${all?.length}`)
  return counts.sort().join(', ')
}
