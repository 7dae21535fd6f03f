import assert from 'node:assert/strict'
import {RejectedError} from '../../../lib/errors/rejected-error.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {ensureTodaysRecords} from '../../../lib/quota-reset/todays-records.ts'
import {createRecordingLog} from '../../support/recording-log.ts'

const cutOff = new UnavailableError('no answer within 295 s', {mayHaveExecuted: true})

describe('ensureTodaysRecords', () => {
  /** @param given.counts what each look finds, the last one for ever. @param given.calls an error, or the end, of each call. */
  async function run(given: {
    counts: readonly (number | Error | undefined)[]
    calls?: readonly (Error | 'answers')[]
    windDown?: AbortSignal
  }) {
    const happened: string[] = []
    const counts = [...given.counts]
    const calls = [...(given.calls ?? ['answers' as const])]
    let seconds = 0
    const {log, lines} = createRecordingLog()
    const result = await ensureTodaysRecords(
      {
        api: {
          countActiveOrganizations: async () => 20,
          resetDailyQuotas: async () => {
            happened.push('call')
            const end = calls.shift()
            if (end instanceof Error) throw end
            if (end === undefined) throw new Error('one call too many')
            return {success: true, orgs_processed: 20, orgs_created: 2, orgs_skipped: 18, message: 'done'}
          },
        },
        environment: {jobTimeoutSeconds: undefined},
        quotaTable: {
          countDay: async day => {
            assert.equal(day, '2026-12-01')
            // Each look is ten seconds after the one before.
            seconds += 10
            const count = counts.length > 1 ? counts.shift() : counts[0]
            happened.push(String(count))
            if (count instanceof Error) throw count
            return count === undefined ? undefined : {organizations: count, withMonth: 0}
          },
        },
        log,
        windDown: given.windDown ?? new AbortController().signal,
        now: () => new Date(Date.parse('2026-12-01T00:05:00Z') + seconds * 1000),
        progress: () => undefined,
      },
      {look: 0, still: 30},
    ).catch((error: Error) => ({error}))
    return {result, happened, lines}
  }

  it('calls once where there is no record yet', async () => {
    const {result, happened} = await run({counts: [0]})
    assert.deepEqual(happened, ['0', 'call'])
    assert.deepEqual(result, {isComplete: true, active: 20, created: 2, message: 'done'})
  })

  it('watches after a call that was cut off, and calls again only when the records have stopped growing', async () => {
    const {result, happened} = await run({counts: [0, 6, 12, 18], calls: [cutOff, 'answers']})
    assert.deepEqual(happened, ['0', 'call', '6', '12', '18', '18', '18', '18', 'call'])
    assert.partialDeepStrictEqual(result, {isComplete: true, created: 20})
  })

  it('watches first where an earlier attempt’s call may go on', async () => {
    const {happened} = await run({counts: [4, 9, 14, 20]})
    assert.deepEqual(happened, ['4', '9', '14', '20', '20', '20', '20', 'call'])
  })

  it('calls at once where everybody has a record already', async () => {
    assert.deepEqual((await run({counts: [20]})).happened, ['20', 'call'])
  })

  it('ends with its time, without a call, while records are growing', async () => {
    const {result, happened} = await run({counts: [4], windDown: AbortSignal.abort()})
    assert.deepEqual([result, happened], [{isComplete: false, active: 20, withRecord: 4, created: 0}, ['4']])
  })

  for (const status of [500, 429]) {
    it(`doesn't watch after HTTP ${status}: nothing goes on inside`, async () => {
      const error = new UnavailableError('no', {mayHaveExecuted: status === 500, status})
      const {result, happened} = await run({counts: [0], calls: [error]})
      assert.deepEqual([result, happened], [{error}, ['0', 'call']])
    })
  }

  for (const [what, error] of [
    ['isn’t there', undefined],
    ['can’t be reached', new UnavailableError('no', {mayHaveExecuted: false})],
    ['may not be read', new RejectedError('no', {status: 403, detail: 'no'})],
  ] as const) {
    it(`calls where the table ${what}, and passes on what cuts the call off`, async () => {
      assert.deepEqual((await run({counts: [error]})).happened.at(-1), 'call')
      const {result} = await run({counts: [error], calls: [cutOff]})
      assert.deepEqual(result, {error: cutOff})
    })
  }
})
