import assert from 'node:assert/strict'
import {waitForRun} from '../../../deploy/runs/wait-for-run.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {createEntry} from '../../support/ledger-entry.ts'

const started = createEntry({})
const succeeded = createEntry({event: 'succeeded', at: '2026-11-23T08:01:00Z'})
const down = new UnavailableError('down', {mayHaveExecuted: false, status: 503})

/** Waits with answers of the ledger, one after the other; the last stays. */
async function waitWith(answers: readonly (LedgerEntry[] | Error)[], signal = new AbortController().signal) {
  const states: string[] = []
  const left = [...answers]
  const progress = await waitForRun({
    ledger: {
      historyOfDay: async () => undefined,
      async history() {
        const answer = (left.length > 1 ? left.shift() : left[0]) ?? []
        if (answer instanceof Error) throw answer
        return answer
      },
    },
    runId: 'bootstrap@1',
    publishedAt: new Date('2026-11-23T08:00:00Z'),
    ledgerVersion: async () => undefined,
    pace: {nearMilliseconds: 1, farMilliseconds: 1},
    signal,
    onProgress: ({state}) => void states.push(state),
    onTrouble: ({message}) => void states.push(message),
  })
  return {progress, states}
}

describe('waitForRun', () => {
  it('tells how far the run is until it is over', async () => {
    const {progress, states} = await waitWith([[], [started], [started, succeeded]])
    assert.deepEqual(states, ['waiting', 'running'])
    assert.deepEqual(progress, {state: 'over', entry: succeeded, attempts: 1})
  })

  it('goes on when the ledger does not answer, and says so', async () => {
    const {progress, states} = await waitWith([[started], down, [started, succeeded]])
    assert.deepEqual([states, progress.state], [['running', 'down'], 'over'])
  })

  for (const status of [403, 404]) {
    it(`gives up where waiting changes nothing: ${status}`, async () => {
      const error = new UnavailableError('no', {mayHaveExecuted: false, status})
      await assert.rejects(waitWith([error]), error)
    })
  }

  it('does not take a bug for trouble', async () => {
    await assert.rejects(waitWith([new TypeError('x')]), TypeError)
  })

  it('ends with how far the run is when it is told to', async () => {
    const stop = new AbortController()
    const waiting = waitWith([[started]], stop.signal)
    setTimeout(() => stop.abort(), 5)
    assert.equal((await waiting).progress.state, 'running')
    assert.equal((await waitWith([[started, succeeded]], AbortSignal.abort())).progress.state, 'waiting')
  })
})
