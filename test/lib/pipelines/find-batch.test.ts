import assert from 'node:assert/strict'
import sinon from 'sinon'
import type {PipelineBatch} from '../../../lib/bigquery/pipeline-batches.ts'
import {RejectedError} from '../../../lib/errors/rejected-error.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {findBatch} from '../../../lib/pipelines/find-batch.ts'
import {createRecordingLog} from '../../support/recording-log.ts'

const calledAt = new Date('2026-11-26T06:00:00Z')
const at = (minutes: number) => new Date(calledAt.getTime() + minutes * 60_000)

function batch(id: string, startedAt: Date, endedAt: Date): PipelineBatch {
  return {
    batch_run_id: id,
    orgs_processed: 5,
    orgs_skipped: 0,
    pipelines_triggered: 8,
    pipelines_failed: 0,
    pipelines_skipped_quota: 0,
    total_integrations: 8,
    results: [],
    errors: [],
    elapsed_seconds: (endedAt.getTime() - startedAt.getTime()) / 1000,
    triggered_at: endedAt,
    startedAt,
    endedAt,
  }
}

describe('findBatch', () => {
  let clock: sinon.SinonFakeTimers
  beforeEach(() => {
    clock = sinon.useFakeTimers({now: at(5), toFake: ['Date']})
  })
  afterEach(() => clock.restore())

  /** @param rows what each look finds, the last for ever; the clock stands `minutes` after the call began. */
  function run(given: {rows: readonly (PipelineBatch[] | Error)[]; minutes?: number; windDown?: AbortSignal}) {
    const rows = [...given.rows]
    const asked: object[] = []
    const found = findBatch(
      {
        pipelineBatches: {
          endedSince: async question => {
            asked.push(question)
            const answer = rows.length > 1 ? rows.shift() : rows[0]
            if (answer instanceof Error) throw answer
            return answer
          },
        },
        log: createRecordingLog().log,
        windDown: given.windDown ?? AbortSignal.abort(),
        now: () => at(given.minutes ?? 5),
      },
      {orgSlug: undefined, date: '2026-11-25', calledAt},
    )
    return {found, asked}
  }

  it('finds the one row that began with the call and ended since', async () => {
    const ours = batch('ours', at(0.2), at(40))
    const {found, asked} = run({rows: [[ours]], minutes: 41})
    assert.deepEqual(await found, {kind: 'batch', batch: ours})
    assert.deepEqual(asked, [{orgSlug: undefined, day: '2026-11-25', since: at(-1)}])
  })

  it('passes over a row of a run that had begun before, though it ended within the call', async () => {
    const other = batch('other', at(-20), at(3))
    assert.deepEqual(await run({rows: [[other]]}).found, {kind: 'not yet'})
    const ours = batch('ours', at(0), at(4))
    assert.partialDeepStrictEqual(await run({rows: [[other, ours]]}).found, {
      kind: 'batch',
      batch: {batch_run_id: 'ours'},
    })
  })

  it('knows nothing where two rows may be the one', async () => {
    const rows = [batch('one', at(0), at(3)), batch('two', at(1), at(4))]
    assert.deepEqual(await run({rows: [rows]}).found, {kind: 'unknown', reason: '2 runs may be this one: one, two'})
  })

  it('knows nothing where none came in four hours, and looks once more before it says so', async () => {
    const {found, asked} = run({rows: [[]], minutes: 240})
    assert.deepEqual(await found, {kind: 'unknown', reason: 'the API wrote down no end of it within 4 hours'})
    assert.equal(asked.length, 1)
    const late = batch('late', at(0), at(239))
    assert.partialDeepStrictEqual(await run({rows: [[late]], minutes: 240}).found, {kind: 'batch'})
  })

  it('is not there yet when the job’s time is nearly up', async () => {
    assert.deepEqual(await run({rows: [[]]}).found, {kind: 'not yet'})
  })

  it('looks again where BigQuery can’t be reached, and gives up where it refuses', async () => {
    const down = new UnavailableError('no', {mayHaveExecuted: false})
    assert.deepEqual(await run({rows: [down]}).found, {kind: 'not yet'})
    const refused = new RejectedError('no', {status: 403, detail: 'no'})
    await assert.rejects(run({rows: [refused]}).found, refused)
  })
})
