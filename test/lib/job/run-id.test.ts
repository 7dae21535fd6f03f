import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  beginningOfRun,
  createRunIds,
  isRunId,
  jobOfRunId,
  messageRunId,
  slotOfRunId,
  slotRunId,
} from '../../../lib/job/run-id.ts'

const moment = new Date('2026-11-23T08:00:30Z')
const moments = fc.date({min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true})

describe('run ids', () => {
  it('name the slot of a scheduled run, to the minute', () => {
    assert.equal(slotRunId('daily-alerts', moment), 'daily-alerts@2026-11-23T08:00Z')
    assert.deepEqual(slotOfRunId('daily-alerts@2026-11-23T08:00Z'), new Date('2026-11-23T08:00:00Z'))
  })

  it('give back the slot that they were made of, whenever that was', () => {
    fc.assert(
      fc.property(moments, date => {
        const slot = new Date(Math.floor(date.getTime() / 60_000) * 60_000)
        const runId = slotRunId('daily-alerts', slot)
        assert.deepEqual([slotOfRunId(runId), isRunId(runId, 'daily-alerts')], [slot, true])
      }),
    )
  })

  for (const id of [
    '2026-02-30T00:00Z',
    '2026-13-01T00:00Z',
    '2026-11-23T25:00Z',
    '2026-11-23T08:60Z',
    '01KAR4',
    '2026-11-23',
  ]) {
    it(`have no slot in ${id}`, () => {
      assert.equal(slotOfRunId(`daily-alerts@${id}`), undefined)
    })
  }

  it('sort by time, even within a millisecond, and never repeat', () => {
    const create = createRunIds(() => moment)
    const ids = Array.from({length: 100}, () => create('bootstrap'))
    assert.deepEqual(ids.toSorted(), ids)
    assert.equal(new Set(ids).size, 100)
    const later = createRunIds(() => new Date(moment.getTime() + 1))('bootstrap')
    assert.ok(later > (ids[99] ?? ''))
    for (const id of ids) assert.ok(isRunId(id, 'bootstrap'))
  })

  it('come from the message where it has none, and sort by its time', () => {
    assert.equal(messageRunId('bootstrap', 'm-1', moment), messageRunId('bootstrap', 'm-1', moment))
    assert.notEqual(messageRunId('bootstrap', 'm-1', moment), messageRunId('bootstrap', 'm-2', moment))
    fc.assert(
      fc.property(fc.string(), fc.string(), moments, moments, (a, b, first, second) => {
        const [early, late] = first < second ? [first, second] : [second, first]
        const [one, other] = [messageRunId('bootstrap', a, early), messageRunId('bootstrap', b, late)]
        assert.ok(isRunId(one, 'bootstrap'))
        if (early.getTime() !== late.getTime()) assert.ok(one < other)
      }),
    )
  })

  it('are those of one job only', () => {
    assert.equal(isRunId('bootstrap@1', 'bootstrap'), true)
    for (const text of [
      'bootstrap2@1',
      'Bootstrap@1',
      'bootstrap',
      'bootstrap@',
      '@1',
      'bootstrap@1/2',
      ' bootstrap@1',
      'bootstrap@1\n',
    ]) {
      assert.equal(isRunId(text, 'bootstrap'), false, text)
    }
    assert.equal(jobOfRunId('daily-alerts@2026-11-23T08:00Z'), 'daily-alerts')
    assert.equal(jobOfRunId('nonsense'), undefined)
  })
})

describe('beginningOfRun', () => {
  const now = new Date('2026-11-26T12:00:00Z')

  for (const [runId, beginning] of [
    ['daily-alerts@2026-11-23T08:00Z', '2026-11-16T08:00:00.000Z'],
    [createRunIds(() => new Date('2026-11-23T08:00:00.123Z'))('bootstrap'), '2026-11-16T08:00:00.123Z'],
    [messageRunId('bootstrap', '17', new Date('2026-11-23T08:00:00Z')), '2026-11-16T08:00:00.000Z'],
    ['bootstrap@1', undefined],
    ['daily-alerts@2026-11-31T08:00Z', undefined],
    ['daily-alerts@2026-11-27T08:00Z', undefined],
    ['bootstrap@80000000000000000000000000', undefined],
    ['bootstrap@ZZZZZZZZZZZZZZZZZZZZZZZZZZ', undefined],
    ['nonsense', undefined],
  ] as const) {
    it(`is ${beginning ?? 'not known'} of ${runId}`, () => {
      assert.equal(beginningOfRun(runId, now)?.toISOString(), beginning)
    })
  }
})
