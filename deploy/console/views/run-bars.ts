import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {beginningOf, isOfAttempt} from '../../runs/attempts.ts'
import type {Bar, Outcome} from '../page/base/wire.ts'

/**
 * A run as stretches on a time axis: each attempt, the wait before the next (the backoff, or a hand-over to the next part),
 * and the lease of an attempt that was never heard of again.
 *
 * @param history every entry of the run, oldest first.
 */
export function toBars(history: readonly LedgerEntry[], now: Date): Bar[] {
  const attempts = [
    ...Map.groupBy(
      history.filter(entry => isOfAttempt(entry, history)),
      ({attempt}) => attempt,
    ).values(),
  ]
  return attempts.flatMap((entries, index) => {
    const [start] = entries
    if (start === undefined) return []
    const end = entries.findLast(({event}) => event !== 'started' && event !== 'progress')
    const next = attempts[index + 1]?.[0]
    const from = beginningOf(start, history).toISOString()
    const leaseUntil = entries.reduce((latest, entry) => later(latest, entry.leaseUntil), start.at)
    const common = {attempt: start.attempt, part: start.part}
    if (end === undefined) {
      const lastHeard = entries.at(-1)?.at ?? start.at
      const isLive = leaseUntil > now
      const attempt: Bar = {
        ...common,
        type: 'attempt',
        from,
        to: isLive ? null : lastHeard.toISOString(),
        outcome: isLive ? 'running' : 'abandoned',
        text: isLive ? 'running' : 'never heard of again',
      }
      const lease: Bar = {
        ...common,
        type: 'lease',
        from: lastHeard.toISOString(),
        to: leaseUntil.toISOString(),
        outcome: 'running',
        text: 'its lease: nothing else may execute the run until it ends',
      }
      return [attempt, lease]
    }
    const attempt: Bar = {
      ...common,
      type: 'attempt',
      from,
      to: end.at.toISOString(),
      outcome: toOutcome(end),
      text: end.summary ?? end.error?.message ?? '',
    }
    const waits = end.event === 'failed' && end.error?.kind === undefined
    if (next === undefined && !waits) return [attempt]
    const backoff: Bar = {
      ...common,
      type: 'backoff',
      from: end.at.toISOString(),
      to: next === undefined ? null : beginningOf(next, history).toISOString(),
      outcome: waits ? 'retrying' : 'continuing',
      text: waits ? 'Pub/Sub waits before it delivers again' : 'waits for the next message of the run',
    }
    return [attempt, backoff]
  })
}

function toOutcome({event, error}: LedgerEntry): Outcome {
  switch (event) {
    case 'continued':
      return 'continuing'
    case 'failed':
      return error?.kind === undefined ? 'retrying' : 'failed'
    case 'started':
    case 'progress':
    case 'duplicate':
      return 'running'
    default:
      return event
  }
}

function later(a: Date, b: Date | undefined): Date {
  return b !== undefined && b > a ? b : a
}
