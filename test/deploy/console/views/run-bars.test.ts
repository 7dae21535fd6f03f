import assert from 'node:assert/strict'
import {toBars} from '../../../../deploy/console/views/run-bars.ts'
import {createEntry, createFinalError} from '../../../support/ledger-entry.ts'

const now = new Date('2026-11-26T08:10:00Z')
const transient = {
  name: 'UnavailableError',
  message: 'connection refused',
  details: [],
  disposition: 'transient' as const,
}

describe('toBars', () => {
  it('shows attempts and the backoff between them', () => {
    const bars = toBars(
      [
        createEntry({at: '2026-11-26T08:00:00Z'}),
        createEntry({event: 'failed', at: '2026-11-26T08:00:05Z', error: transient}),
        createEntry({attempt: 2, at: '2026-11-26T08:00:25Z'}),
        createEntry({attempt: 2, event: 'succeeded', at: '2026-11-26T08:00:30Z', summary: 'done'}),
      ],
      now,
    )
    assert.deepEqual(
      bars.map(({type, outcome, from, to}) => [type, outcome, from.slice(14, 19), to?.slice(14, 19)]),
      [
        ['attempt', 'retrying', '00:00', '00:05'],
        ['backoff', 'retrying', '00:05', '00:25'],
        ['attempt', 'succeeded', '00:25', '00:30'],
      ],
    )
  })

  it('shows an attempt from its start where the ledger learned only its end, and none where nothing was attempted', () => {
    const unrecorded = createEntry({event: 'failed', at: '2026-11-26T08:00:20Z', durationMilliseconds: 15_000})
    const bars = toBars([{...unrecorded, error: transient}], now)
    assert.deepEqual(
      bars.map(({from, to}) => [from.slice(14, 19), to?.slice(14, 19)]),
      [
        ['00:05', '00:20'],
        ['00:20', undefined],
      ],
    )
    assert.deepEqual(toBars([createEntry({event: 'cancelled'})], now), [])
  })

  it('leaves a backoff open that lasts, and ends with a dead letter', () => {
    const waiting = toBars([createEntry({}), createEntry({event: 'failed', error: transient})], now)
    assert.deepEqual(
      waiting.map(({type, to}) => [type, to === null]),
      [
        ['attempt', false],
        ['backoff', true],
      ],
    )
    const dead = toBars([createEntry({}), createEntry({event: 'failed', error: createFinalError('permanent')})], now)
    assert.deepEqual(
      dead.map(({type, outcome}) => [type, outcome]),
      [['attempt', 'failed']],
    )
  })

  it('shows the lease of an attempt that lasts, and of one that was never heard of again', () => {
    const live = createEntry({at: '2026-11-26T08:09:00Z', leaseUntil: new Date('2026-11-26T08:11:00Z')})
    assert.deepEqual(
      toBars([live], now).map(({type, outcome, to}) => [type, outcome, to]),
      [
        ['attempt', 'running', null],
        ['lease', 'running', '2026-11-26T08:11:00.000Z'],
      ],
    )
    const gone = createEntry({at: '2026-11-26T08:00:00Z', leaseUntil: new Date('2026-11-26T08:02:00Z')})
    assert.equal(toBars([gone], now)[0]?.outcome, 'abandoned')
  })

  it('shows the wait for the next part, and no duplicate', () => {
    const bars = toBars(
      [
        createEntry({}),
        createEntry({event: 'continued', at: '2026-11-23T08:08:00Z'}),
        createEntry({attempt: 0, event: 'duplicate', at: '2026-11-23T08:08:30Z'}),
        createEntry({attempt: 2, part: 2, at: '2026-11-23T08:09:00Z'}),
      ],
      now,
    )
    assert.deepEqual(
      bars.map(({type, part}) => [type, part]),
      [
        ['attempt', 1],
        ['backoff', 1],
        ['attempt', 2],
        ['lease', 2],
      ],
    )
  })
})
