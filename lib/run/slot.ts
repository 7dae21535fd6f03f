import {Cron} from 'croner'

/**
 * A scheduler's clock and Pub/Sub's are not the same one. A message that is published this much before its slot
 * still belongs to it; else it would count as a double fire of the slot before, and a day would be missed.
 */
const toleranceMilliseconds = 5000

/**
 * Parsing a schedule takes as long as a dozen of its slots, and a history has hundreds. The same text always means the same
 * slots, and there are as many texts as jobs.
 */
const parsed = new Map<string, Cron>()

function cronOf(schedule: string): Cron {
  const cron = parsed.get(schedule) ?? new Cron(schedule, {utcOffset: 0, mode: '5-part', paused: true})
  parsed.set(schedule, cron)
  return cron
}

/**
 * The cron slot that a moment falls in: the latest time, not after it, at which the schedule fires (UTC).
 *
 * @returns undefined if the schedule had no slot before that moment.
 */
export function slotAt(schedule: string, moment: Date): Date | undefined {
  const reference = new Date(moment.getTime() + toleranceMilliseconds + 1)
  return cronOf(schedule).previousRuns(1, reference)[0]
}

/** The next slot after a moment. */
export function nextSlot(schedule: string, moment: Date): Date | undefined {
  return cronOf(schedule).nextRun(moment) ?? undefined
}

/** All slots from (inclusive) to (exclusive), oldest first. */
export function slotsBetween(schedule: string, from: Date, to: Date): Date[] {
  const slots: Date[] = []
  for (let slot = nextSlot(schedule, new Date(from.getTime() - 1)); slot !== undefined && slot < to; ) {
    slots.push(slot)
    slot = nextSlot(schedule, slot)
  }
  return slots
}
