import {styleText} from 'node:util'
import {toPrintableLine} from '../../lib/log/printable.ts'
import {formatAge} from '../cli/duration.ts'
import {formatTable, shorten} from '../cli/table.ts'
import type {DeadLetter} from './dead-letter.ts'

const shortestReason = 60

/** Dead letters, a row each. */
export function formatDeadLetterTable(deadLetters: readonly DeadLetter[], now: Date): string {
  return formatTable(
    ['id', 'job', 'run', 'reason', 'age', 'attempts', 'replays'],
    deadLetters.map(deadLetter => [
      deadLetter.id,
      toPrintableLine(deadLetter.job ?? '–', 60),
      deadLetter.runId ?? '–',
      `${deadLetter.kind}: ${shorten(deadLetter.reason, shortestReason)}`,
      formatAge(now.getTime() - deadLetter.deadLetteredAt.getTime()),
      String(deadLetter.attempts),
      String(deadLetter.replays),
    ]),
  )
}

/** How many letters have which reason, the most frequent first. What differs only in numbers is one reason. */
export function formatReasons(deadLetters: readonly DeadLetter[]): string {
  const groups = Map.groupBy(
    deadLetters,
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
