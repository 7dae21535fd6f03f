import assert from 'node:assert/strict'
import fc from 'fast-check'
import {nextSlot, slotAt, slotsBetween} from '../../../lib/run/slot.ts'

const schedules = {
  daily: '0 0 * * *',
  morning: '0 8 * * *',
  monthly: '5 0 1 * *',
  weekdays: '30 6 * * 1-5',
  often: '*/5 * * * *',
}

const rows: [schedule: string, moment: string, slot: string][] = [
  [schedules.morning, '2026-11-23T08:00:00.000Z', '2026-11-23T08:00:00.000Z'],
  [schedules.morning, '2026-11-23T08:00:03.200Z', '2026-11-23T08:00:00.000Z'],
  [schedules.morning, '2026-11-23T07:59:59.000Z', '2026-11-23T08:00:00.000Z'],
  [schedules.morning, '2026-11-23T07:59:55.000Z', '2026-11-23T08:00:00.000Z'],
  [schedules.morning, '2026-11-23T07:59:54.000Z', '2026-11-22T08:00:00.000Z'],
  [schedules.morning, '2026-11-24T07:30:00.000Z', '2026-11-23T08:00:00.000Z'],
  [schedules.daily, '2026-11-22T23:59:58.500Z', '2026-11-23T00:00:00.000Z'],
  [schedules.daily, '2026-12-31T23:59:59.999Z', '2027-01-01T00:00:00.000Z'],
  [schedules.daily, '2028-02-29T12:00:00.000Z', '2028-02-29T00:00:00.000Z'],
  [schedules.monthly, '2026-12-01T00:05:01.000Z', '2026-12-01T00:05:00.000Z'],
  [schedules.monthly, '2026-12-01T00:04:00.000Z', '2026-11-01T00:05:00.000Z'],
  [schedules.monthly, '2026-02-28T23:59:59.000Z', '2026-02-01T00:05:00.000Z'],
  [schedules.weekdays, '2026-11-22T12:00:00.000Z', '2026-11-20T06:30:00.000Z'],
]

const moments = fc.date({min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true})

describe('slotAt', () => {
  for (const [schedule, moment, slot] of rows) {
    it(`is ${slot} of ${schedule} at ${moment}`, () => {
      assert.equal(slotAt(schedule, new Date(moment))?.toISOString(), slot)
    })
  }

  it('is no later than 5 s after the moment, and no slot lies between them', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(schedules)), moments, (schedule, moment) => {
        const slot = slotAt(schedule, moment)
        assert.ok(slot !== undefined && slot.getTime() <= moment.getTime() + 5000)
        const next = nextSlot(schedule, slot)
        assert.ok(next !== undefined && next.getTime() > moment.getTime() + 5000, `${next?.toISOString()} lies between`)
      }),
    )
  })
})

describe('nextSlot', () => {
  it('is after the moment, never at it', () => {
    assert.equal(
      nextSlot(schedules.morning, new Date('2026-11-23T08:00:00Z'))?.toISOString(),
      '2026-11-24T08:00:00.000Z',
    )
    assert.equal(
      nextSlot(schedules.morning, new Date('2026-11-23T07:59:59Z'))?.toISOString(),
      '2026-11-23T08:00:00.000Z',
    )
  })
})

describe('slotsBetween', () => {
  it('gives the first moment’s slot, and not the last’s', () => {
    const slots = slotsBetween(schedules.morning, new Date('2026-11-21T08:00:00Z'), new Date('2026-11-23T08:00:00Z'))
    assert.deepEqual(slots, [new Date('2026-11-21T08:00:00Z'), new Date('2026-11-22T08:00:00Z')])
  })

  it('gives each slot once, in order', () => {
    fc.assert(
      fc.property(moments, fc.nat({max: 40}), (from, days) => {
        const slots = slotsBetween(schedules.morning, from, new Date(from.getTime() + days * 86_400_000))
        assert.equal(slots.length, days)
        for (const [index, slot] of slots.entries())
          assert.equal(slot.getTime() - (slots[0]?.getTime() ?? 0), index * 86_400_000)
      }),
      {numRuns: 50},
    )
  })
})
