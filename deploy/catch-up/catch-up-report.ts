import {styleText} from 'node:util'
import {plural} from '../../lib/log/plural.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import {formatTable} from '../cli/table.ts'
import type {CatchUpResult} from './catch-up-slots.ts'
import type {MissedSlot} from './missed-slots.ts'

/** Everything that was missed, and what would be done about it: lines of `columns` at most. */
export function formatPlan(slots: readonly MissedSlot[], environment: TargetEnvironment, columns: number): string {
  const jobs = new Set(slots.map(({job}) => job.name)).size
  const runs = slots.filter(({skipReason}) => skipReason === undefined).length
  return [
    styleText('bold', `${plural(slots.length, 'slot')} of ${plural(jobs, 'job')} missed in ${named(environment)}`),
    formatTable(
      ['slot (UTC)', 'job', 'now', ''],
      slots.map(({slot, job, skipReason}) => [
        formatSlot(slot),
        job.name,
        skipReason === undefined ? styleText('green', 'run') : styleText('cyan', 'skip'),
        skipReason === undefined ? '' : skipReason,
      ]),
      columns,
    ),
    '',
    `${plural(runs, 'run')} to publish, one after the other; ${plural(slots.length - runs, 'slot')} to record as skipped.`,
  ].join('\n')
}

const marks = {
  good: styleText('green', '✔'),
  partly: styleText('yellow', '!'),
  bad: styleText('red', '✖'),
} as const

export function formatResult({slot: {job, slot}, outcome, text}: CatchUpResult): string {
  const verdict = verdictOf(outcome)
  return `${marks[verdict]} ${formatSlot(slot)}  ${job.name}: ${outcome}${text === '' ? '' : `, ${toPrintableLine(text, 300)}`}`
}

/** Whether it needs a look. */
export function verdictOf(outcome: CatchUpResult['outcome']): 'good' | 'partly' | 'bad' {
  if (outcome === 'failed') return 'bad'
  return outcome === 'degraded' || outcome === 'not over' || outcome === 'not published' ? 'partly' : 'good'
}

export function named({name, projectId}: TargetEnvironment): string {
  return `${name} (${projectId})`
}

function formatSlot(slot: Date): string {
  return `${slot.toISOString().slice(0, 16).replace('T', ' ')}Z`
}
