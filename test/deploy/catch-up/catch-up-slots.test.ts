import assert from 'node:assert/strict'
import {Writable} from 'node:stream'
import {parseEnvironmentName} from '../../../deploy/catalogue/environments.ts'
import {type CatchUpServices, catchUpSlots} from '../../../deploy/catch-up/catch-up-slots.ts'
import {findMissedSlots} from '../../../deploy/catch-up/missed-slots.ts'
import type {MissedPolicy} from '../../../lib/job/missed-policy.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {createEntry} from '../../support/ledger-entry.ts'
import {createMemoryLedger} from '../../support/memory-ledger.ts'
import {createSampleJob} from '../../support/sample-job.ts'

const now = new Date('2026-12-07T10:00:00Z')

describe('catchUpSlots', () => {
  /** Three slots of each job were missed, at 08:00 and 09:00; a message published is executed at once. */
  async function scene(
    policies: Readonly<Record<string, MissedPolicy>>,
    outcomes: Readonly<Record<string, string>> = {},
  ) {
    const ledger = createMemoryLedger()
    const jobs = Object.entries(policies).map(([name, missed], index) =>
      createSampleJob({path: `functions/daily/${name}.ts`, schedule: `0 ${8 + index} * * *`, missed}),
    )
    const slots = await findMissedSlots({
      jobs,
      ledger,
      from: new Date('2026-12-05T00:00Z'),
      now: new Date(now.getTime() + 3_600_000),
      schedules: {
        deployedSince: async () => new Map(jobs.map(({name}) => [name, new Date('2026-12-01T00:00Z')])),
        pausedSince: async () => new Map(),
      },
    })
    const published: string[] = []
    const interrupt = new AbortController()
    const services: CatchUpServices = {
      ledger,
      publisher: {
        async publish(_, {attributes}) {
          const runId = attributes['runId'] ?? ''
          published.push(runId)
          const event = outcomes[runId] ?? 'succeeded'
          if (event !== 'running') ledger.entries.push(ended(runId, event))
          return 'm-1'
        },
        close: async () => {},
      },
      ledgerVersion: async () => undefined,
      pace: {nearMilliseconds: 1, farMilliseconds: 1},
      environment: parseEnvironmentName('local', {}),
      terminal: Object.assign(new Writable({write: (_, __, done) => done()}), {isTTY: false, columns: 80}),
      requestedBy: 'alice@desk',
      now: () => now,
      signal: interrupt.signal,
      timeoutSeconds: 0.05,
      isQuiet: true,
    }
    return {ledger, slots, services, published, interrupt}
  }
  const ended = (runId: string, event: string): LedgerEntry => {
    const isFailure = event === 'failed'
    const entry = createEntry({runId, job: runId.split('@')[0] ?? '', event: isFailure ? 'failed' : 'succeeded'})
    if (!isFailure) return entry
    return {...entry, error: {name: 'E', message: 'no luck', details: [], disposition: 'permanent', kind: 'permanent'}}
  }

  it('publishes each slot under its run id, oldest first, after the one before has ended', async () => {
    const {slots, services, published} = await scene({first: 'each', second: 'each'})
    const results = await Array.fromAsync(catchUpSlots(slots, services))
    const wanted = [5, 6, 7].flatMap(day => [
      `daily-first@2026-12-0${day}T08:00Z`,
      `daily-second@2026-12-0${day}T09:00Z`,
    ])
    assert.deepEqual(published, wanted)
    assert.deepEqual(
      results.map(({outcome}) => outcome),
      Array(6).fill('succeeded'),
    )
  })

  it('records what the policy leaves out as the claim of attempt 1, with who and why', async () => {
    const {ledger, slots, services, published} = await scene({first: {never: 'its data is gone'}})
    await Array.fromAsync(catchUpSlots(slots, services))
    assert.deepEqual(published, [])
    assert.equal(ledger.entries.length, 3)
    const [entry] = ledger.entries
    assert.partialDeepStrictEqual(entry, {
      runId: 'daily-first@2026-12-05T08:00Z',
      event: 'skipped',
      attempt: 1,
      requestedBy: 'alice@desk',
      summary: 'missed, and left out by catch-up: never made up for: its data is gone',
    })
    assert.ok(entry !== undefined)
    assert.equal((await ledger.claim({...entry, event: 'started'})).kind, 'taken')
  })

  it('leaves a slot alone that somebody has claimed since', async () => {
    const {ledger, slots, services} = await scene({first: 'latest'})
    await ledger.claim(createEntry({runId: 'daily-first@2026-12-05T08:00Z', job: 'daily-first', event: 'started'}))
    const results = await Array.fromAsync(catchUpSlots(slots, services))
    assert.deepEqual(
      results.map(({outcome}) => outcome),
      ['under way', 'skipped', 'succeeded'],
    )
  })

  it('goes on after a run that failed', async () => {
    const {slots, services} = await scene({first: 'each'}, {'daily-first@2026-12-05T08:00Z': 'failed'})
    const results = await Array.fromAsync(catchUpSlots(slots, services))
    assert.deepEqual(results.map(({outcome, text}) => [outcome, text])[0], ['failed', 'no luck'])
    assert.deepEqual(
      results.map(({outcome}) => outcome),
      ['failed', 'succeeded', 'succeeded'],
    )
  })

  it('publishes no more of a job whose run is not over in time, and goes on with the others', async () => {
    const {slots, services, published} = await scene(
      {first: 'each', second: 'each'},
      {'daily-first@2026-12-05T08:00Z': 'running'},
    )
    const results = await Array.fromAsync(catchUpSlots(slots, services))
    const outcomes = results.map(({slot, outcome}) => `${slot.job.name} ${outcome}`)
    assert.deepEqual(outcomes, [
      'daily-first not over',
      'daily-second succeeded',
      'daily-first not published',
      'daily-second succeeded',
      'daily-first not published',
      'daily-second succeeded',
    ])
    assert.equal(published.length, 4)
  })

  it('begins nothing more after Ctrl-C', async () => {
    const {slots, services, published, interrupt} = await scene({first: 'each'})
    for await (const _ of catchUpSlots(slots, services)) interrupt.abort()
    assert.equal(published.length, 1)
  })
})
