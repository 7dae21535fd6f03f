import type {Outcome} from '../job/outcome.ts'
import type {LedgerEntry} from '../ledger/ledger-entry.ts'
import {toPrintable, toPrintableLine} from '../log/printable.ts'
import {toLedgerError} from './dead-letter.ts'
import {type Delivery, type DeliveryServices, toEntry} from './delivery.ts'
import type {Executed} from './executed.ts'

/** Lines of errors that an entry keeps; the rest is counted. */
const maxDetails = 200

/** What an outcome says in the ledger. */
export function outcomeFields(outcome: Outcome): Pick<LedgerEntry, 'event'> & Partial<LedgerEntry> {
  const lines = [outcome.summary, ...outcome.warnings.map(warning => `Warning: ${warning}`)]
  const details = outcome.errors.slice(0, maxDetails).map(line => toPrintableLine(line))
  if (outcome.errors.length > maxDetails) details.push(`and ${outcome.errors.length - maxDetails} more`)
  const isBad = outcome.event === 'failed' || outcome.event === 'degraded'
  return {
    event: outcome.event,
    summary: toPrintable(lines.join('\n'), 4000),
    counts: {...outcome.counts},
    ...(isBad ? {error: {...toLedgerError(new Error(outcome.summary), 'permanent'), name: 'JobFailed', details}} : {}),
  }
}

/** The entry that ends an attempt, redacted. */
export function endEntry(
  services: DeliveryServices,
  delivery: Delivery,
  {started}: Executed,
  more: Pick<LedgerEntry, 'event'> & Partial<LedgerEntry>,
): LedgerEntry {
  const at = services.now()
  const durationMilliseconds = at.getTime() - started.at.getTime()
  return services.redact(toEntry(services, delivery, {attempt: started.attempt, at, durationMilliseconds, ...more}))
}

/** The one closing line of an attempt. */
export function logEnd({log}: Delivery, entry: LedgerEntry, attempt: number, error?: Error): void {
  const {event, durationMilliseconds = 0, counts, summary} = entry
  const text = summary ?? entry.error?.message ?? ''
  const line = `${entry.job} ${event} in ${(durationMilliseconds / 1000).toFixed(1)} s: ${text}`
  const data = {outcome: event, durationMilliseconds, delivery: attempt, ...(counts === undefined ? {} : {counts})}
  const errors = entry.error?.details.length ? {errors: entry.error.details} : {}
  if (event === 'failed') log.error(line, error, {...data, ...errors})
  else if (event === 'degraded') log.warn(line, {...data, ...errors})
  else log.info(line, data)
}
