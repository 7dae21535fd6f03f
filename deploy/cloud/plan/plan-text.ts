import {styleText} from 'node:util'
import {toPrintableLine} from '../../../lib/log/printable.ts'
import {toShortId} from '../names/short-id.ts'
import type {ResourceTypeName} from '../resources/resource.ts'
import type {Plan, Step} from './plan.ts'

const styles = {
  create: {mark: '+', style: 'green'},
  change: {mark: '~', style: 'yellow'},
  replace: {mark: '±', style: 'magenta'},
  remove: {mark: '-', style: 'red'},
} as const

/** The plan, a line for each thing that a reviewer has to agree to. */
export function formatPlan({steps, kept, missing, undeclared, legacy, notes}: Plan): string {
  const lines = [
    ...steps.flatMap(formatStep),
    ...missing.flatMap(({id, fix}) => [`${styleText('red', '!')} missing  ${shownId(id)}`, `             ${fix}`]),
    ...undeclared.flatMap(({id, removeWith}) => [
      `${styleText('gray', '?')} not declared, left alone  ${shownId(id)}`,
      `             ${styleText('gray', `to remove it: ${shown(removeWith)}`)}`,
    ]),
    ...legacy.map(
      id => `${styleText('gray', '?')} legacy, left alone  ${shownId(id)}  ${styleText('gray', '(--remove-legacy)')}`,
    ),
    ...notes.map(note => `${styleText('gray', '=')} kept     ${shown(note)}`),
    '',
    summarize({steps, kept, missing}),
  ]
  return lines.join('\n')
}

function summarize({steps, kept, missing}: Pick<Plan, 'steps' | 'kept' | 'missing'>): string {
  const count = (action: Step['action']) => steps.filter(step => step.action === action).length
  if (steps.length === 0 && missing.length === 0) return `Nothing to do: all ${kept.length} are as declared.`
  return (
    `${count('create')} to create, ${count('change')} to change, ${count('replace')} to replace, ` +
    `${count('remove')} to remove, ${kept.length} as declared, ${missing.length} missing`
  )
}

function formatStep({action, id, type, fields, changes}: Step): string[] {
  const {mark, style} = styles[action]
  const heading = `${styleText(style, mark)} ${action.padEnd(7)}  ${shownId(id)}`
  if (action === 'create') {
    return [heading, ...Object.entries(fields).map(([field, value]) => `             ${field}: ${shown(value)}`)]
  }
  const note = action === 'replace' ? [replaceNote(type)] : []
  const lines = changes.map(({field, from, to}) => `             ${field}: ${shown(from)} → ${shown(to)}`)
  return [heading, ...note, ...lines]
}

function replaceNote(type: ResourceTypeName): string {
  const lost = type === 'subscription' ? '; messages that wait in it are lost' : ''
  return `             can't be changed in place: deleted, then created${lost}`
}

/** What exists may have been named by anybody. */
function shown(value: string | undefined): string {
  return value === undefined ? '(none)' : toPrintableLine(value, 2000)
}

function shownId(id: string): string {
  return shown(toShortId(id))
}

/** The plan as data. */
export function planToJson({steps, kept, missing, undeclared, legacy, notes}: Plan): Record<string, unknown> {
  return {
    steps: steps.map(({id, action, fields, changes}) => ({id, action, fields, changes})),
    kept,
    missing,
    undeclared,
    legacy,
    notes,
  }
}
