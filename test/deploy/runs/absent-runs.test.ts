import assert from 'node:assert/strict'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import {findAbsentRuns, type SlotLimits} from '../../../deploy/runs/absent-runs.ts'
import type {Job} from '../../../lib/job/job.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {createEntry} from '../../support/ledger-entry.ts'

/** Scheduled at 08:00 each day. */
const alerts = (day: string, at = `${day}T08:00:02Z`) =>
  createEntry({runId: `daily-alerts@${day}T08:00Z`, job: 'daily-alerts', event: 'succeeded', at})

describe('findAbsentRuns', () => {
  let jobs: readonly Job[]
  before(async () => {
    jobs = (await loadCatalogue()).filter(({name}) => name === 'daily-alerts' || name === 'bootstrap')
  })

  /** @param ledger everything in it; the command reads a day more than the period. */
  async function absent(ledger: LedgerEntry[], period: {from: string; now: string}, limits: Partial<SlotLimits> = {}) {
    let asked = 0
    const from = new Date(period.from)
    const entries = ledger.filter(({at}) => at.getTime() >= from.getTime() - 86_400_000)
    const found = await findAbsentRuns({
      jobs,
      entries,
      from,
      now: new Date(period.now),
      limits: async () => ({deployedSince: new Map(), pausedSince: new Map(), ...limits}),
      ledger: {
        async beginning() {
          asked += 1
          return ledger[0]?.at
        },
      },
    })
    return {runs: found.map(({runId, outcome}) => `${outcome} ${runId}`), asked}
  }

  it('finds nothing where every slot ran, whenever that was', async () => {
    const ledger = [
      alerts('2026-11-20'),
      alerts('2026-11-21', '2026-11-21T07:59:57Z'),
      alerts('2026-11-22', '2026-11-22T19:00:00Z'),
    ]
    const {runs, asked} = await absent(ledger, {from: '2026-11-20T00:00:00Z', now: '2026-11-23T07:00:00Z'})
    assert.deepEqual(runs, [])
    assert.equal(asked, 0)
  })

  it('finds a slot of which the ledger has nothing, even if the job was run by hand', async () => {
    const byHand = createEntry({runId: 'daily-alerts@01M8', job: 'daily-alerts', at: '2026-11-21T12:00:00Z'})
    const ledger = [alerts('2026-11-20'), byHand, alerts('2026-11-22')]
    const {runs} = await absent(ledger, {from: '2026-11-20T00:00:00Z', now: '2026-11-23T07:00:00Z'})
    assert.deepEqual(runs, ['missed daily-alerts@2026-11-21T08:00Z'])
  })

  it('calls a slot pending that is only minutes old, and missed after an hour', async () => {
    const ledger = [alerts('2026-11-22')]
    const from = '2026-11-22T00:00:00Z'
    const at = async (now: string) => (await absent(ledger, {from, now})).runs
    assert.deepEqual(await at('2026-11-23T07:59:59Z'), [])
    assert.deepEqual(await at('2026-11-23T08:05:00Z'), ['pending daily-alerts@2026-11-23T08:00Z'])
    assert.deepEqual(await at('2026-11-23T09:00:00Z'), ['missed daily-alerts@2026-11-23T08:00Z'])
  })

  it('misses nothing before the ledger’s first entry, of whatever job', async () => {
    const first = createEntry({at: '2026-11-21T09:00:00Z'})
    const period = {from: '2026-11-16T00:00:00Z', now: '2026-11-23T07:00:00Z'}
    assert.deepEqual((await absent([first], period)).runs, ['missed daily-alerts@2026-11-22T08:00Z'])
    assert.deepEqual((await absent([], period)).runs, [])
  })

  it('finds what was missed when nothing ran at all for longer than the period', async () => {
    const period = {from: '2026-11-22T00:00:00Z', now: '2026-11-23T07:00:00Z'}
    const {runs, asked} = await absent([alerts('2026-10-01')], period)
    assert.deepEqual(runs, ['missed daily-alerts@2026-11-22T08:00Z'])
    assert.equal(asked, 1)
  })

  it('misses nothing before the job was first deployed, whatever the ledger has of others', async () => {
    const period = {from: '2026-11-19T00:00:00Z', now: '2026-11-23T07:00:00Z'}
    const other = createEntry({at: '2026-11-01T09:00:00Z'})
    const deployedSince = new Map([['daily-alerts', new Date('2026-11-21T08:00:00.001Z')]])
    const {runs, asked} = await absent([other], period, {deployedSince})
    assert.deepEqual(runs, ['missed daily-alerts@2026-11-22T08:00Z'])
    assert.equal(asked, 0)
    assert.equal((await absent([], period, {deployedSince})).runs.length, 1)
  })

  it('misses nothing while the schedule is paused, and what was missed before that stays missed', async () => {
    const period = {from: '2026-11-19T00:00:00Z', now: '2026-11-23T07:00:00Z'}
    const pausedSince = new Map([['daily-alerts', new Date('2026-11-20T09:00:00Z')]])
    const {runs} = await absent([createEntry({at: '2026-11-01T09:00:00Z'})], period, {pausedSince})
    assert.deepEqual(runs, ['missed daily-alerts@2026-11-19T08:00Z', 'missed daily-alerts@2026-11-20T08:00Z'])
  })
})
