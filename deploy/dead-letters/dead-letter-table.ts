import {styleText} from 'node:util'
import {toPrintableLine} from '../../lib/log/printable.ts'
import {formatAge} from '../cli/duration.ts'
import {formatTable, wrapText} from '../cli/table.ts'
import type {DeadLetter} from './dead-letter.ts'
import {toReasonPattern} from './reason-pattern.ts'

/** Dead letters, a row each. */
export function formatDeadLetterTable(
  deadLetters: readonly DeadLetter[],
  now: Date,
  columns?: number | undefined,
): string {
  return formatTable(
    ['id', 'run', 'age', 'attempts', 'replays', 'reason', ''],
    deadLetters.map(deadLetter => [
      deadLetter.id,
      deadLetter.runId ?? toPrintableLine(deadLetter.job ?? 'unknown job', 60),
      formatAge(now.getTime() - deadLetter.deadLetteredAt.getTime()),
      String(deadLetter.attempts),
      String(deadLetter.replays),
      deadLetter.isAvailable ? deadLetter.kind : `${deadLetter.kind}, not handed out`,
      toPrintableLine(deadLetter.reason, 1500),
    ]),
    columns,
  )
}

/**
 * How many dead letters have which reason, the most frequent first, a line each. Reasons with one pattern are one reason.
 * No lines where each has a reason of its own: the table says as much.
 */
export function formatReasons(deadLetters: readonly DeadLetter[], columns?: number | undefined): string[] {
  const groups = Map.groupBy(deadLetters, ({kind, job, reason}) => `${kind} ${job} ${toReasonPattern(reason)}`)
  if (groups.size === deadLetters.length) return []
  return [...groups.values()]
    .toSorted((a, b) => b.length - a.length)
    .flatMap(([first, ...more]) => {
      if (first === undefined) return []
      const job = toPrintableLine(first.job ?? 'unknown job', 60)
      const count = styleText('bold', `${more.length + 1} × ${first.kind}`)
      return wrapText(`${count}, ${job}: ${toPrintableLine(first.reason, 1500)}`, columns, '  ')
    })
}
