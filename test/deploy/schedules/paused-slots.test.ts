import assert from 'node:assert/strict'
import {findPausedSlots, skipPausedSlots} from '../../../deploy/schedules/paused-slots.ts'
import {createEntry} from '../../support/ledger-entry.ts'
import {createMemoryLedger} from '../../support/memory-ledger.ts'
import {createSampleJob} from '../../support/sample-job.ts'

const alerts = createSampleJob({path: 'functions/daily/alerts.ts', schedule: '0 8 * * *', missed: 'today'})
const now = new Date('2026-11-26T12:00:00Z')
const at = (text: string) => new Map([['daily-alerts', new Date(text)]])

describe('findPausedSlots', () => {
  it('names each slot of the pause, and not the one that fired last', () => {
    const slots = findPausedSlots([alerts], {pausedSince: at('2026-11-24T08:00:00Z'), deployedSince: new Map()}, now)
    assert.deepEqual(
      slots.map(({runId}) => runId),
      ['daily-alerts@2026-11-25T08:00Z', 'daily-alerts@2026-11-26T08:00Z'],
    )
  })

  it('begins with the deployment where the schedule never fired, and knows nothing without either', () => {
    const never = at('1970-01-01T00:00:00Z')
    const deployed = findPausedSlots([alerts], {pausedSince: never, deployedSince: at('2026-11-26T00:00:00Z')}, now)
    assert.equal(deployed.length, 1)
    assert.deepEqual(findPausedSlots([alerts], {pausedSince: never, deployedSince: new Map()}, now), [])
  })
})

describe('skipPausedSlots', () => {
  it('records them as skipped, and leaves one alone that ran by hand', async () => {
    const ledger = createMemoryLedger()
    await ledger.claim(createEntry({runId: 'daily-alerts@2026-11-25T08:00Z', job: 'daily-alerts'}))
    const slots = findPausedSlots([alerts], {pausedSince: at('2026-11-24T08:00:00Z'), deployedSince: new Map()}, now)
    assert.equal(await skipPausedSlots(ledger, slots, {requestedBy: 'anna@desk', at: now}), 1)
    const [entry] = await ledger.history('daily-alerts@2026-11-26T08:00Z')
    assert.partialDeepStrictEqual(entry, {
      event: 'skipped',
      summary: 'its schedule was paused',
      requestedBy: 'anna@desk',
    })
  })
})
