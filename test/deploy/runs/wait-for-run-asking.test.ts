import assert from 'node:assert/strict'
import timers from 'node:timers/promises'
import {waitForRun} from '../../../deploy/runs/wait-for-run.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {createEntry} from '../../support/ledger-entry.ts'

const started = createEntry({})
const succeeded = createEntry({event: 'succeeded', at: '2026-11-23T08:01:00Z'})

type Answers = {
  /** Of each question for the version, the first one's first; the last stays. */
  readonly versions: readonly (string | undefined | Error)[]
  readonly history: (query: number) => Promise<LedgerEntry[]>
}

async function wait({versions, history}: Answers) {
  const asked = {versions: 0, queries: 0}
  const troubles: string[] = []
  const progress = await waitForRun({
    ledger: {
      historyOfDay: async () => undefined,
      async history() {
        asked.queries += 1
        return history(asked.queries)
      },
    },
    async ledgerVersion() {
      const version = versions[Math.min(asked.versions, versions.length - 1)]
      asked.versions += 1
      if (version instanceof Error) throw version
      return version
    },
    pace: {nearMilliseconds: 1, farMilliseconds: 1},
    runId: 'bootstrap@1',
    publishedAt: new Date('2026-11-23T08:00:00Z'),
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onTrouble: ({message}) => void troubles.push(message),
  })
  return {progress, asked, troubles}
}

describe('waitForRun, asking', () => {
  it('asks for rows once while the ledger does not change, and again when it has', async () => {
    const {asked} = await wait({
      versions: ['1', '1', '1', '1', '1', '2'],
      history: async query => (query === 1 ? [started] : [started, succeeded]),
    })
    assert.deepEqual(asked, {versions: 6, queries: 2})
  })

  it('takes the end from a list of the day’s rows: one query in all', async () => {
    const of = (entry: LedgerEntry) => ({...entry, at: new Date()})
    const [begun, end] = [of(started), of(succeeded)]
    const asked: string[] = []
    let version = 0
    const progress = await waitForRun({
      ledger: {
        async history() {
          asked.push('query')
          return [begun]
        },
        async historyOfDay(_, day) {
          asked.push('list')
          return day.getUTCDate() === end.at.getUTCDate() ? [begun, end] : []
        },
      },
      async ledgerVersion() {
        version += 1
        return String(version)
      },
      pace: {nearMilliseconds: 1, farMilliseconds: 1},
      runId: 'bootstrap@1',
      publishedAt: new Date(0),
      signal: new AbortController().signal,
      onProgress: () => undefined,
      onTrouble: () => undefined,
    })
    assert.deepEqual(progress, {state: 'over', entry: end, attempts: 1})
    assert.equal(asked.filter(what => what === 'query').length, 1, asked.join())
  })

  for (const version of [undefined, new Error('denied')]) {
    it(`asks for rows each time where the version is ${String(version)}`, async () => {
      const {asked} = await wait({
        versions: [version],
        history: async query => (query < 4 ? [started] : [started, succeeded]),
      })
      assert.equal(asked.queries, 4)
    })
  }

  it('sees what changed while a query was under way without waiting for its answer', async () => {
    const first = Promise.withResolvers<LedgerEntry[]>()
    const {progress, asked} = await wait({
      versions: ['1', '2'],
      history: query => (query === 1 ? first.promise : Promise.resolve([started, succeeded])),
    })
    first.resolve([started])
    assert.deepEqual([progress.state, asked.queries], ['over', 2])
  })

  it('takes no older answer for a newer one, and has at most three under way', async () => {
    const states: string[] = []
    const slow = Promise.withResolvers<LedgerEntry[]>()
    let [version, queries, running, most] = [0, 0, 0, 0]
    const stop = new AbortController()
    const waiting = waitForRun({
      ledger: {
        historyOfDay: async () => undefined,
        async history() {
          queries += 1
          running += 1
          most = Math.max(most, running)
          const answer = queries === 2 ? [started] : await slow.promise
          running -= 1
          return answer
        },
      },
      async ledgerVersion() {
        version += 1
        return String(version)
      },
      pace: {nearMilliseconds: 1, farMilliseconds: 1},
      runId: 'bootstrap@1',
      publishedAt: new Date('2026-11-23T08:00:00Z'),
      signal: stop.signal,
      onProgress: ({state}) => void states.push(state),
      onTrouble: () => undefined,
    })
    while (version < 10) await timers.setImmediate()
    assert.deepEqual([most, states], [3, ['running']])
    stop.abort()
    await waiting
    slow.resolve([started])
    await timers.setImmediate()
    assert.deepEqual(states, ['running'], 'nothing is told once the wait has ended')
  })

  it('asks again where a query failed, though nothing has changed', async () => {
    const down = new UnavailableError('down', {mayHaveExecuted: false, status: 503})
    const {troubles, asked} = await wait({
      versions: ['1'],
      history: async query => {
        if (query === 1) throw down
        return [started, succeeded]
      },
    })
    assert.deepEqual([troubles, asked.queries], [['down'], 2])
  })
})
