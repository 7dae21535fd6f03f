import assert from 'node:assert/strict'
import {loadCatalogue} from '../../deploy/catalogue/catalogue.ts'
import {isFinal} from '../../deploy/runs/run-progress.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {startRestartablePubSub} from '../support/restartable-pubsub.ts'
import {createSeededRandom} from '../support/seeded-random.ts'
import {type DeadLetter, startTestSandbox, type TestSandbox, until} from '../support/test-sandbox.ts'
import {type AskedRun, createFaultStorm} from './fault-storm.ts'

const seed = Number(process.env['SEED'] ?? 20_261_123)
const runs = Number(process.env['RUNS'] ?? 60)
/** On a machine so busy that a claim takes longer, no attempt would begin. */
const leaseSeconds = Number(process.env['LEASE'] ?? 5)

/*
 * Drives the whole sandbox through runs of all jobs while everything fails that can, then counts from the books of the
 * counterparts. `SEED=… RUNS=… npm run test:faults` drives other ones; a failure prints the seed with its title.
 */
describe(`the promise under faults (SEED=${seed} RUNS=${runs})`, function () {
  this.timeout(600_000)
  let sandbox: TestSandbox
  let asked: readonly AskedRun[]
  const deadLetters: DeadLetter[] = []
  const ends = new Map<string, LedgerEntry>()

  before(async () => {
    const jobs = await loadCatalogue()
    const pubSub = await startRestartablePubSub()
    sandbox = await startTestSandbox({
      jobs,
      concurrency: 2,
      startPubSub: async () => pubSub,
      functionEnv: {LEASE_SECONDS: String(leaseSeconds), JOB_TIMEOUT_SECONDS: '8'},
    })
    const storm = createFaultStorm({sandbox, pubSub, jobs, random: createSeededRandom(seed), leaseSeconds})
    ;({asked} = storm)
    await storm.rage(runs)
    await storm.calm()
    await until(`all ${asked.length} runs have ended`, allEnded, 300_000).catch(error => {
      throw new Error(`${error.message}; not ended: ${missing().join(', ')}`)
    })
    process.stdout.write(`    ${summarize(storm.events)}\n`)
  })
  after(() => sandbox?.stop())

  async function allEnded(): Promise<true | undefined> {
    deadLetters.push(...(await sandbox.deadLetters(0)))
    for (const entry of await sandbox.ledger.since(new Date(0))) {
      if (isFinal(entry)) ends.set(entry.runId, entry)
    }
    return missing().length === 0 ? true : undefined
  }

  function missing(): string[] {
    const isDeadLetter = new Set(deadLetters.map(({attributes}) => attributes['runId']))
    return asked.flatMap(({runId}) => (ends.has(runId) || isDeadLetter.has(runId) ? [] : [runId]))
  }

  it('ends every run in the ledger, or as a dead letter with a reason', () => {
    for (const {runId} of asked) {
      const end = ends.get(runId)
      const own = deadLetters.filter(({attributes}) => attributes['runId'] === runId)
      assert.ok(end !== undefined || own.length > 0, `${runId} is lost`)
      if (end?.event === 'failed') {
        assert.ok(end.error?.message, `${runId} failed without a reason`)
        assert.ok(own.length > 0, `${runId} failed, and there is no dead letter`)
      }
    }
  })

  it('carries out nothing twice that may not be repeated', () => {
    for (const {runId, orgSlug} of asked) {
      if (orgSlug === undefined) continue
      const sent = sandbox.adminApi.requestLog.notifications.filter(notification => notification.orgSlug === orgSlug)
      assert.ok(sent.length <= 1, `${runId} sent ${sent.length} notifications`)
    }
  })

  it('says that a run succeeded only where it did, and that it failed only with the reason', () => {
    for (const {runId, orgSlug} of asked) {
      const end = ends.get(runId)
      if (orgSlug === undefined || end === undefined) continue
      const sent = sandbox.adminApi.requestLog.notifications.filter(
        notification => notification.orgSlug === orgSlug,
      ).length
      if (end.event === 'succeeded') assert.equal(sent, 1, `${runId} succeeded, but sent nothing`)
      if (end.event === 'failed' && end.error?.kind !== 'unknown outcome') {
        assert.equal(sent, 0, `${runId} failed as ${end.error?.kind}, but sent a notification`)
      }
    }
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
    const events = [...ends.values()].map(({event}) => event)
    assert.ok(events.includes('succeeded'))
    assert.ok(events.includes('failed'))
    assert.ok([...ends.values()].some(({attempt}) => attempt > 1))
  })
})

function summarize(events: readonly string[]): string {
  const counts = Object.entries(Object.groupBy(events, event => event)).map(([event, all]) => `${event} ${all?.length}`)
  return counts.sort().join(', ')
}
