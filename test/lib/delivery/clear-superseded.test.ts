import assert from 'node:assert/strict'
import {clearedErrorName} from '../../../lib/delivery/clear-superseded.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {succeeded} from '../../../lib/job/outcome.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {createDeliveryHarness} from '../../support/delivery-harness.ts'
import {createEntry, createFinalError} from '../../support/ledger-entry.ts'
import {createSampleJob} from '../../support/sample-job.ts'

const day = 86_400_000
const ago = (milliseconds: number) => new Date(Date.now() - milliseconds).toISOString()
const of = (given: Parameters<typeof createEntry>[0]) =>
  createEntry({runId: 'sample@1', job: 'sample', at: ago(day), ...given})
const failure = (given: Parameters<typeof createEntry>[0] = {}) =>
  of({event: 'failed', messageId: 'm-1', part: 2, error: createFinalError('permanent', '77'), ...given})

/** @returns the ids of what the success of another run clears. */
async function cleared(history: readonly LedgerEntry[]) {
  const job = (given: object) => createSampleJob({...given, supersedes: () => true})
  const harness = createDeliveryHarness({job, run: async () => succeeded('all applied')})
  harness.ledger.entries.push(...history)
  await harness.deliver({attributes: {runId: 'sample@2'}})
  const entries = harness.ledger.entries.filter(({error}) => error?.name === clearedErrorName)
  return {ids: entries.map(({error}) => error?.deadLetterId), entries, lines: harness.lines}
}

describe('clearSuperseded', () => {
  it('says in the run that failed that a later one made up for it', async () => {
    const {entries, lines} = await cleared([failure()])
    const summary = 'dead letter 77 cleared: run sample@2 has succeeded since'
    assert.partialDeepStrictEqual(entries, [
      {
        runId: 'sample@1',
        event: 'duplicate',
        attempt: 0,
        part: 2,
        messageId: 'm-1',
        args: {},
        summary,
        error: {message: summary, disposition: 'permanent', deadLetterId: '77'},
      },
    ])
    assert.ok(lines.includes('info: cleared dead letter 77 of sample@1: this run made up for it'))
  })

  for (const [what, later] of [
    ['was discarded', of({event: 'discarded', attempt: 2, at: ago(0)})],
    ['was cancelled', of({event: 'cancelled', attempt: 0, at: ago(0)})],
    ['has succeeded since', of({event: 'succeeded', attempt: 2, at: ago(0)})],
    ['has succeeded in part since', of({event: 'degraded', attempt: 2, at: ago(0)})],
    ['is being replayed', of({attempt: 2, at: ago(0)})],
    ['was cleared before', of({event: 'duplicate', attempt: 0, at: ago(0), error: createFinalError(undefined, '77')})],
    ['ended at the same moment', {...of({event: 'succeeded', attempt: 2}), at: new Date(0)}],
  ] as const) {
    it(`leaves alone what ${what}`, async () => {
      const first = failure()
      const at = later.at.getTime() === 0 ? first.at : later.at
      assert.deepEqual((await cleared([first, {...later, at}])).ids, [])
    })
  }

  for (const [what, other] of [
    ['another run that has succeeded', of({runId: 'sample@3', event: 'succeeded', at: ago(0)})],
    ['what came before it', of({event: 'cancelled', attempt: 0, at: ago(2 * day)})],
    ['its own attempt', of({attempt: 1, at: ago(0)})],
    ['a duplicate that did nothing', of({event: 'duplicate', attempt: 0, at: ago(0)})],
    ['a heartbeat', of({event: 'progress', attempt: 2, at: ago(0)})],
    [
      'a command’s work on another dead letter',
      of({event: 'duplicate', attempt: 0, at: ago(0), error: createFinalError(undefined, '5')}),
    ],
    ['an end as not needed', of({event: 'skipped', attempt: 2, at: ago(0)})],
  ] as const) {
    it(`clears it in spite of ${what}`, async () => {
      assert.deepEqual((await cleared([failure(), other])).ids, ['77'])
    })
  }

  it('clears each dead letter of a run that became several', async () => {
    const again = failure({attempt: 2, at: ago(0), error: createFinalError('permanent', '78')})
    assert.deepEqual((await cleared([failure(), again])).ids, ['77', '78'])
  })

  it('knows nothing of other jobs, failures without a dead letter, and what Pub/Sub has dropped by now', async () => {
    const others = [
      failure({job: 'other', runId: 'other@1'}),
      failure({error: {...createFinalError('permanent'), kind: undefined}}),
      failure({event: 'duplicate'}),
      failure({runId: 'sample@0', at: ago(15 * day)}),
    ]
    assert.deepEqual((await cleared(others)).ids, [])
    assert.deepEqual((await cleared([failure({runId: 'sample@0', at: ago(13 * day)})])).ids, ['77'])
  })

  it('does no harm to the success where the ledger does not answer', async () => {
    const job = (given: object) => createSampleJob({...given, supersedes: () => true})
    const harness = createDeliveryHarness({job, run: async () => succeeded('all applied')})
    const since = () => Promise.reject(new UnavailableError('down', {mayHaveExecuted: false}))
    await harness.deliver({attributes: {runId: 'sample@2'}}, {ledger: {since}})
    assert.equal(harness.ledger.entries.at(-1)?.event, 'succeeded')
    const warning = harness.records.find(({message}) => message === 'earlier dead letters are not cleared')
    assert.partialDeepStrictEqual(warning, {level: 'warn', data: {reason: 'down'}})
  })

  it('clears nothing for a success that makes up for nothing', async () => {
    const harness = createDeliveryHarness({run: async () => succeeded('done')})
    harness.ledger.entries.push(failure())
    await harness.deliver({attributes: {runId: 'sample@2'}})
    assert.ok(!harness.ledger.entries.some(({error}) => error?.name === clearedErrorName))
  })
})
