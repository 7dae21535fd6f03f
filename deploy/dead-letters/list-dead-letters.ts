import {styleText} from 'node:util'
import {plural} from '../../lib/log/plural.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import {browserHint} from '../cli/browser-hint.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {wrapText} from '../cli/table.ts'
import type {Session} from '../environment/session.ts'
import {toDeadLetterJson} from './dead-letter-json.ts'
import {formatDeadLetterTable, formatReasons} from './dead-letter-table.ts'
import type {DeadLettersOptions} from './dead-letters-options.ts'
import {type Inventory, incompleteText, loadDeadLetters} from './load-dead-letters.ts'

/** `npm run dead-letters -- <env>`. */
export async function list(
  session: Session,
  {filter, json}: Extract<DeadLettersOptions, {verb: 'list'}>,
): Promise<ExitCode> {
  const {io, environment, signal, now} = session
  const inventory = await loadDeadLetters(session, filter, signal)
  if (json) {
    io.stdout(JSON.stringify(inventoryToJson(inventory, environment, now())))
    return exitCodes.done
  }
  io.stdout(formatInventory(inventory, environment, {now: now(), isFiltered: Object.keys(filter).length > 0, io}))
  io.stdout(browserHint(environment.name, '/dead-letters', io.columns))
  return exitCodes.done
}

/** What `dead-letters --json` prints. */
export function inventoryToJson(
  {deadLetters, isComplete, trouble}: Inventory,
  {name, projectId}: TargetEnvironment,
  now: Date,
): Record<string, unknown> {
  const rows = deadLetters.map(deadLetter => toDeadLetterJson(deadLetter, now))
  return {environment: name, project: projectId, isComplete, trouble: trouble ?? null, deadLetters: rows}
}

function formatInventory(
  inventory: Inventory,
  {name, projectId}: TargetEnvironment,
  {now, isFiltered, io}: {readonly now: Date; readonly isFiltered: boolean; readonly io: Session['io']},
): string {
  const {deadLetters, isComplete} = inventory
  const place = `${name} (${projectId})`
  const {length} = deadLetters
  const reasons = formatReasons(deadLetters, io.columns)
  const more = isComplete
    ? []
    : ['', ...wrapText(incompleteText(inventory), io.columns).map(line => styleText('yellow', line))]
  if (length === 0) {
    const which = isFiltered ? 'No such dead letters' : 'No dead letters'
    return isComplete || isFiltered
      ? [`${which} in ${place}.`, ...more.slice(1)].join('\n')
      : `Pub/Sub hands out no dead letters in ${place}. ${incompleteText(inventory)}`
  }
  return [
    styleText('bold', `${isComplete ? '' : 'At least '}${plural(length, 'dead letter')} in ${place}`),
    ...reasons,
    '',
    formatDeadLetterTable(deadLetters, now, io.columns),
    ...more,
    '',
    ...nextSteps(name, {isFiltered, areUnreadable: deadLetters.every(({kind}) => kind === 'unreadable')}),
  ].join('\n')
}

/** @param which.isFiltered there may be others, which `--all` would take too. */
function nextSteps(env: string, which: {readonly isFiltered: boolean; readonly areUnreadable: boolean}): string[] {
  const details = `Details: npm run dead-letters -- ${env} show <id>`
  const replay = `Replay:  npm run replay -- ${env} <id…>`
  const discard = `Discard: npm run dead-letters -- ${env} discard`
  if (!which.areUnreadable) return [details, `${replay}   (or --all)`, `${discard} <id…> --reason "…"   (or --all)`]
  return [
    details,
    which.isFiltered ? `${discard} <id…> --reason "…"` : `${discard} --all --kind unreadable --reason "…"   (or <id…>)`,
    `${replay} --dry-run   (says whether their jobs can read them today)`,
  ]
}
