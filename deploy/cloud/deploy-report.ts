import {styleText} from 'node:util'
import type {StepResult} from './apply.ts'
import type {Plan} from './plan.ts'

const looks = {
  done: {mark: '✔', style: 'green'},
  failed: {mark: '✖', style: 'red'},
  'not tried': {mark: '–', style: 'yellow'},
} as const

/** One step that is over. */
export function formatResult({id, state, reason, seconds}: StepResult): string {
  const {mark, style} = looks[state]
  const time = seconds === undefined ? '' : styleText('gray', `  ${seconds.toFixed(1)} s`)
  return `${styleText(style, mark)} ${id}${reason === undefined ? '' : `: ${state === 'failed' ? '' : `${state}, `}${reason}`}${time}`
}

/** The end: what is missing, and how to go on. */
export function formatEnd(plan: Plan, results: readonly StepResult[], command: string): string {
  const open = results.filter(({state}) => state !== 'done')
  if (open.length === 0 && plan.missing.length === 0) {
    return styleText('green', `Done: ${results.length} steps, ${plan.kept.length} were as declared.`)
  }
  return [
    styleText('yellow', `${results.length - open.length} of ${results.length} steps done. Still missing:`),
    ...plan.missing.map(({id, remedy}) => `  ${id}: ${remedy}`),
    ...open.map(({id, state, reason = ''}) => `  ${id}: ${state === 'failed' ? '' : `${state}, `}${reason}`),
    `Mend it and run again, it goes on from here: ${command}`,
  ].join('\n')
}
