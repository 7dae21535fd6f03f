import {styleText} from 'node:util'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import {formatDuration} from '../cli/duration.ts'
import {formatMoment, formatTable} from '../cli/table.ts'
import {beginningOf, isOfAttempt} from './attempts.ts'

const styles: Readonly<Partial<Record<LedgerEntry['event'], 'green' | 'cyan' | 'yellow' | 'red'>>> = {
  succeeded: 'green',
  skipped: 'cyan',
  degraded: 'yellow',
  failed: 'red',
  discarded: 'yellow',
  cancelled: 'yellow',
}

/**
 * A run's history, a row an attempt: when, how long, how it ended, who asked. What attempted nothing (a duplicate, a
 * discard) is a row too. Heartbeats are left out.
 *
 * @param options.brief what of an error's text is shown.
 */
export function formatHistory(
  history: readonly LedgerEntry[],
  options: {readonly columns?: number | undefined; readonly brief?: (text: string) => string} = {},
): string {
  const rows = history.filter(entry => entry.event !== 'progress' && !(entry.event === 'started' && endOf(entry)))
  if (rows.length === 0) return '  nothing in the run ledger'
  return formatTable(
    ['attempt', 'part', 'at (UTC)', 'duration', 'outcome', 'asked for by', ''],
    rows.map(entry => [
      isOfAttempt(entry, history) ? String(entry.attempt) : '–',
      String(entry.part),
      formatMoment(beginningOf(entry, history)),
      entry.durationMilliseconds === undefined ? '–' : formatDuration(entry.durationMilliseconds),
      formatEvent(entry),
      `${entry.requestedBy === 'unknown' ? '' : `${toPrintableLine(entry.requestedBy, 60)}, `}${entry.trigger}`,
      textOf(entry, options.brief),
    ]),
    options.columns,
  )

  function endOf(started: LedgerEntry): LedgerEntry | undefined {
    return history.find(
      ({attempt, event}) =>
        attempt === started.attempt && event !== 'started' && event !== 'progress' && event !== 'duplicate',
    )
  }
}

function formatEvent({event, error}: LedgerEntry): string {
  const style = styles[event]
  const text = event === 'failed' && error?.kind !== undefined ? `failed (${error.kind})` : event
  return style === undefined ? text : styleText(style, text)
}

function textOf({event, error, summary}: LedgerEntry, brief = (text: string) => text): string {
  const text = event === 'started' ? 'no end is known' : (summary ?? error?.message ?? '')
  return toPrintableLine(brief(text), 2000)
}
