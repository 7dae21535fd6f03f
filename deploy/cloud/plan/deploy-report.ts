import {styleText} from 'node:util'
import {plural} from '../../../lib/log/plural.ts'
import {toShortId} from '../names/short-id.ts'
import type {StepResult} from './apply.ts'
import type {Plan} from './plan.ts'

const styles = {
  done: {mark: '✔', style: 'green'},
  failed: {mark: '✖', style: 'red'},
  'not tried': {mark: '–', style: 'yellow'},
} as const

/** One step that is over. */
export function formatResult({id, state, reason, seconds}: StepResult): string {
  const {mark, style} = styles[state]
  const time = seconds === undefined ? '' : styleText('gray', `  ${seconds.toFixed(1)} s`)
  return `${styleText(style, mark)} ${toShortId(id)}${reason === undefined ? '' : `: ${state === 'failed' ? '' : `${state}, `}${reason}`}${time}`
}

/** The end: what is missing and what that blocks, and how to go on. */
export function formatEnd(plan: Plan, results: readonly StepResult[], command: string): string {
  const done = results.filter(({state}) => state === 'done')
  const failed = results.filter(({state}) => state === 'failed')
  if (done.length === results.length && plan.missing.length === 0) {
    return styleText(
      'green',
      `Done: ${plural(done.length, 'step')}, ${plan.kept.length} ${plan.kept.length === 1 ? 'was' : 'were'} as declared.`,
    )
  }
  return [
    styleText('yellow', `${done.length} of ${plural(results.length, 'step')} done. Still missing:`),
    ...plan.missing.map(({id, fix}) => `  ${toShortId(id)}: ${fix}`),
    ...failed.map(({id, reason = ''}) => `  ${toShortId(id)}: ${reason}`),
    ...formatBlocked(results),
    `Fix this, then resume with: ${command}`,
  ].join('\n')
}

/** What was not tried, by what blocked it: a dozen resources depend on one function. */
function formatBlocked(results: readonly StepResult[]): string[] {
  const byCause = Map.groupBy(
    results.filter(({state}) => state === 'not tried'),
    ({reason = ''}) => reason,
  )
  return [...byCause].map(
    ([cause, steps]) => `  not tried, since ${toShortId(cause)}: ${summarizeSteps(steps.map(({id}) => id))}`,
  )
}

/** What runs is named, what belongs to it counted. */
function summarizeSteps(ids: readonly string[]): string {
  const named = ids.filter(id => /^(?:function|subscription|schedule) /.test(id))
  const others = ids.length - named.length
  return [...named, ...(others === 0 ? [] : [`${others} of what belongs to them`])].join(', ')
}
