import {styleText} from 'node:util'
import {toPrintableLine} from '../../lib/log/printable.ts'
import {formatAge} from '../cli/duration.ts'
import {formatTable, shorten} from '../cli/table.ts'
import type {Letter} from './letter.ts'

const shortestReason = 60

/** Dead letters, a row each. */
export function formatLetterTable(letters: readonly Letter[], now: Date): string {
  return formatTable(
    ['id', 'job', 'run', 'reason', 'age', 'attempts', 'replays'],
    letters.map(letter => [
      letter.id,
      toPrintableLine(letter.job ?? '–', 60),
      letter.runId ?? '–',
      `${letter.kind}: ${shorten(letter.reason, shortestReason)}`,
      formatAge(now.getTime() - letter.setAsideAt.getTime()),
      String(letter.attempts),
      String(letter.replays),
    ]),
  )
}

/** How many letters have which reason, the most frequent first. What differs only in numbers is one reason. */
export function formatReasons(letters: readonly Letter[]): string {
  const groups = Map.groupBy(
    letters,
    ({kind, job, reason}) => `${kind} ${job} ${reason.replace(/[0-9A-F]{26}|\d+/g, '#')}`,
  )
  return [...groups.values()]
    .toSorted((a, b) => b.length - a.length)
    .flatMap(([first, ...more]) => {
      if (first === undefined) return []
      const job = toPrintableLine(first.job ?? 'unknown job', 60)
      const count = styleText('bold', `${more.length + 1} × ${first.kind}`)
      return [`  ${count}, ${job}: ${shorten(first.reason, 300)}`]
    })
    .join('\n')
}
