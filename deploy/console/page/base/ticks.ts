import {dayOf, time} from './time.ts'

const minute = 60_000
const steps = [
  5 * minute,
  15 * minute,
  30 * minute,
  60 * minute,
  180 * minute,
  360 * minute,
  720 * minute,
  1440 * minute,
  4320 * minute,
  10_080 * minute,
  20_160 * minute,
]

/** Round moments in UTC between two, six to twelve of them. */
export function ticksOf(from: number, to: number): {at: number; label: string}[] {
  const step = steps.find(size => (to - from) / size <= 9) ?? 20_160 * minute
  const ticks: {at: number; label: string}[] = []
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
    const date = new Date(at)
    const isMidnight = at % (1440 * minute) === 0
    ticks.push({at, label: step >= 1440 * minute || isMidnight ? dayOf(date) : time(date)})
  }
  return ticks
}
