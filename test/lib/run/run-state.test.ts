import assert from 'node:assert/strict'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import type {RunRequest} from '../../../lib/run/run-request.ts'
import {attemptsOfRequest, runStateOf} from '../../../lib/run/run-state.ts'
import {createEntry, createFinalError} from '../../support/ledger-entry.ts'

const now = new Date('2026-11-23T08:10:00Z')
const later = new Date('2026-11-23T08:11:00Z')
const earlier = new Date('2026-11-23T08:09:00Z')

const passing = {name: 'UnavailableError', message: 'down', details: [], disposition: 'transient' as const}
const started = (given: Parameters<typeof createEntry>[0] = {}) => createEntry({leaseUntil: earlier, ...given})
const ended = (event: LedgerEntry['event'], given: Parameters<typeof createEntry>[0] = {}) =>
  createEntry({event, at: '2026-11-23T08:05:00Z', ...given})
const deadLetter = (kind: NonNullable<LedgerEntry['error']>['kind'], given: Parameters<typeof createEntry>[0] = {}) =>
  ended('failed', {error: createFinalError(kind), ...given})

type Row = {
  readonly what: string
  readonly history: readonly LedgerEntry[]
  readonly request?: Partial<RunRequest>
  readonly state: ReturnType<typeof runStateOf>['kind']
  readonly attempt?: number
}

const replay = {trigger: 'replay', messageId: 'm-2'} as const
/** An operator checked what attempt 1 did. */
const forced = {...replay, checkedAttempt: 1} as const
const doubleFire = {trigger: 'schedule', messageId: 'm-2'} as const

const rows: Row[] = [
  {what: 'nothing', history: [], state: 'free', attempt: 1},
  {
    what: 'an invalid message with this id',
    history: [deadLetter('unreadable', {attempt: 0})],
    state: 'free',
    attempt: 1,
  },
  {what: 'a duplicate alone', history: [ended('duplicate', {attempt: 0})], state: 'free', attempt: 1},

  {what: 'a success', history: [started(), ended('succeeded')], state: 'finished'},
  {what: 'a success in another part', history: [started({part: 2}), ended('succeeded', {part: 2})], state: 'finished'},
  {what: 'a success, and a replay', history: [started(), ended('succeeded')], request: replay, state: 'finished'},
  {what: 'a success, and force', history: [started(), ended('succeeded')], request: forced, state: 'finished'},
  {what: 'a success without a start (no ledger then)', history: [ended('succeeded')], state: 'finished'},
  {
    what: 'a success after the same attempt was thought lost',
    history: [started(), deadLetter('unknown outcome'), ended('succeeded')],
    state: 'finished',
  },

  {what: 'a partial success', history: [started(), ended('degraded')], state: 'finished'},
  {what: 'a run that was not needed', history: [started(), ended('skipped')], state: 'finished'},
  {what: 'a failure of which nothing is said', history: [started(), ended('failed')], state: 'free', attempt: 2},
  {
    what: 'a dead letter of another part',
    history: [started({part: 2}), deadLetter('permanent', {part: 2})],
    state: 'free',
    attempt: 2,
  },
  {
    what: 'what a command did with a dead letter',
    history: [ended('duplicate', {attempt: 0, error: createFinalError('permanent', '77')})],
    state: 'free',
    attempt: 1,
  },
  {
    what: 'an attempt that left a duplicate alone',
    history: [started(), ended('duplicate')],
    state: 'abandoned',
    attempt: 2,
  },
  {
    what: 'a cancellation in the part before',
    history: [started(), ended('continued'), ended('cancelled', {attempt: 0})],
    request: {part: 2},
    state: 'finished',
  },
  {what: 'a discard', history: [ended('discarded')], state: 'finished'},
  {
    what: 'a discard, and a replay of another dead letter',
    history: [ended('discarded')],
    request: replay,
    state: 'free',
    attempt: 2,
  },
  {what: 'a cancellation', history: [started(), ended('failed'), ended('cancelled', {attempt: 2})], state: 'finished'},

  {what: 'an attempt under way', history: [started({leaseUntil: later})], state: 'running'},
  {what: 'an attempt whose lease ends now', history: [started({leaseUntil: now})], state: 'abandoned', attempt: 2},
  {
    what: 'an attempt whose lease was extended',
    history: [started(), ended('progress', {leaseUntil: later})],
    state: 'running',
  },
  {
    what: 'a sign of life of another attempt',
    history: [started(), ended('progress', {attempt: 2, leaseUntil: later})],
    state: 'abandoned',
    attempt: 3,
  },
  {
    what: 'an attempt of another part under way',
    history: [started({part: 2, leaseUntil: later})],
    state: 'free',
    attempt: 2,
  },
  {what: 'an attempt without a lease', history: [createEntry()], state: 'abandoned', attempt: 2},
  {
    what: 'a second attempt under way',
    history: [started(), ended('failed', {error: passing}), started({attempt: 2, leaseUntil: later})],
    state: 'running',
  },
  {what: 'an attempt under way, and force', history: [started({leaseUntil: later})], request: forced, state: 'running'},

  {what: 'a failure that may pass', history: [started(), ended('failed', {error: passing})], state: 'free', attempt: 2},
  {
    what: 'a part before this one',
    history: [started(), ended('continued')],
    request: {part: 2},
    state: 'free',
    attempt: 2,
  },
  {what: 'this part, continued', history: [started(), ended('continued')], state: 'finished'},
  {
    what: 'this part, continued, and a replay',
    history: [started(), ended('continued')],
    request: replay,
    state: 'finished',
  },

  {what: 'a final failure, and the same message', history: [started(), deadLetter('permanent')], state: 'finished'},
  {
    what: 'a final failure, and a double fire',
    history: [started(), deadLetter('permanent')],
    request: doubleFire,
    state: 'finished',
  },
  {
    what: 'a final failure, and a replay',
    history: [started(), deadLetter('permanent')],
    request: replay,
    state: 'free',
    attempt: 2,
  },
  {
    what: 'a used-up run, and a replay',
    history: [started(), deadLetter('exhausted')],
    request: replay,
    state: 'free',
    attempt: 2,
  },
  {
    what: 'a final failure of the replay itself',
    history: [started(), deadLetter('permanent', replay)],
    request: replay,
    state: 'finished',
  },

  {what: 'an unknown outcome', history: [started(), deadLetter('unknown outcome')], state: 'finished'},
  {
    what: 'an unknown outcome, and a replay',
    history: [started(), deadLetter('unknown outcome')],
    request: replay,
    state: 'abandoned',
    attempt: 2,
  },
  {
    what: 'an unknown outcome, and force',
    history: [started(), deadLetter('unknown outcome')],
    request: forced,
    state: 'free',
    attempt: 2,
  },
  {what: 'an abandoned attempt, and a replay', history: [started()], request: replay, state: 'abandoned', attempt: 2},
  {what: 'an abandoned attempt, and force', history: [started()], request: forced, state: 'free', attempt: 2},
  {
    what: 'an attempt that force itself abandoned',
    history: [started(), started({...replay, attempt: 2})],
    request: forced,
    state: 'abandoned',
    attempt: 3,
  },
  {
    what: 'consent to an attempt that another one followed',
    history: [started(), started({attempt: 2, messageId: 'm-9'})],
    request: forced,
    state: 'abandoned',
    attempt: 3,
  },
  {
    what: 'an attempt that has ended by its dead letter',
    history: [started({leaseUntil: later})],
    request: {...replay, endedAttempt: 1},
    state: 'free',
    attempt: 2,
  },
  {
    what: 'an attempt before the one that has ended by its dead letter',
    history: [started(), started({attempt: 2})],
    request: {...replay, endedAttempt: 2},
    state: 'abandoned',
    attempt: 3,
  },
  {
    what: 'nothing, where a dead letter says that the outcome is unknown',
    history: [],
    request: {...replay, doubtfulAttempt: 3},
    state: 'abandoned',
    attempt: 4,
  },
  {
    what: 'nothing, where that was checked',
    history: [],
    request: {...replay, doubtfulAttempt: 3, checkedAttempt: 3},
    state: 'free',
    attempt: 4,
  },
  {
    what: 'a final failure of the other message of one publication',
    history: [started(), deadLetter('permanent', {messageId: 'm-9', requestId: 'r-1'})],
    request: {...replay, requestId: 'r-1'},
    state: 'finished',
  },
  {
    what: 'an unknown outcome of force itself',
    history: [started(), deadLetter('unknown outcome', {...replay, attempt: 2})],
    request: forced,
    state: 'finished',
  },
  {
    what: 'an unknown outcome in another part',
    history: [deadLetter('unknown outcome', {part: 2})],
    request: replay,
    state: 'free',
    attempt: 2,
  },
]

describe('runStateOf', () => {
  for (const {what, history, request, state, attempt} of rows) {
    it(`is ${state}${attempt === undefined ? '' : ` for attempt ${attempt}`} after ${what}`, () => {
      const found = runStateOf(history, {...requested, ...request}, now)
      assert.equal(found.kind, state)
      assert.equal('attempt' in found ? found.attempt : undefined, attempt)
    })
  }

  it('is running until the longest of the leases', () => {
    const latest = new Date('2026-11-23T08:12:00Z')
    const history = [
      started({leaseUntil: later}),
      ended('progress', {leaseUntil: latest}),
      ended('progress', {leaseUntil: later}),
    ]
    assert.deepEqual(runStateOf(history, requested, now), {kind: 'running', leaseUntil: latest})
    const both = [started({leaseUntil: later}), started({attempt: 2, leaseUntil: latest})]
    for (const attempts of [both, both.toReversed()]) {
      assert.deepEqual(runStateOf(attempts, requested, now), {kind: 'running', leaseUntil: latest})
    }
  })
})

describe('an unknown outcome', () => {
  it('names the highest attempt, whichever entry came last', () => {
    const history = [started({attempt: 2, messageId: 'm-9'}), started()]
    const state = runStateOf(history, {...requested, ...replay}, now)
    assert.ok(state.kind === 'abandoned')
    assert.deepEqual([state.unknownAttempt, state.entry?.attempt], [2, 2])
  })

  it('has no entry where only a dead letter knows of it', () => {
    const state = runStateOf([started()], {...requested, ...replay, doubtfulAttempt: 2}, now)
    assert.ok(state.kind === 'abandoned')
    assert.deepEqual([state.unknownAttempt, state.entry], [2, undefined])
  })
})

describe('attemptsOfRequest', () => {
  it('counts the attempts of this message only: a replay starts anew', () => {
    const history = [started(), deadLetter('exhausted'), started({attempt: 2, messageId: 'm-2'}), started({attempt: 3})]
    const of = (messageId: string) => ({messageId, requestId: undefined})
    assert.equal(attemptsOfRequest(history, of('m-1')), 2)
    assert.equal(attemptsOfRequest(history, of('m-2')), 1)
    assert.equal(attemptsOfRequest(history, of('m-3')), 0)
  })

  it('counts an attempt once, with or without its start, and those of the same publication', () => {
    const history = [
      started({requestId: 'r-1'}),
      ended('progress', {requestId: 'r-1'}),
      ended('failed', {requestId: 'r-1'}),
      ended('failed', {attempt: 2, messageId: 'm-2', requestId: 'r-1'}),
      ended('duplicate', {attempt: 0}),
      started({attempt: 3, messageId: 'm-4', requestId: 'r-2'}),
    ]
    assert.equal(attemptsOfRequest(history, {messageId: 'm-1', requestId: 'r-1'}), 2)
    assert.equal(attemptsOfRequest(history, {messageId: 'm-2', requestId: undefined}), 1)
    assert.equal(attemptsOfRequest(history, {messageId: 'm-3', requestId: undefined}), 0)
  })

  it('does not count what was given up before it began', () => {
    const error = {name: 'NotExecuted', message: '', details: [], disposition: 'transient' as const}
    const history = [started(), ended('failed', {error}), started({attempt: 2})]
    assert.equal(attemptsOfRequest(history, {messageId: 'm-1', requestId: undefined}), 1)
  })
})

const requested: RunRequest = {
  runId: 'bootstrap@1',
  messageId: 'm-1',
  trigger: 'manual',
  requestedBy: 'alice',
  part: 1,
  replays: 0,
  isForced: false,
  requestId: undefined,
  checkedAttempt: 0,
  endedAttempt: 0,
  doubtfulAttempt: 0,
  isReplayByHand: false,
  slot: undefined,
}
