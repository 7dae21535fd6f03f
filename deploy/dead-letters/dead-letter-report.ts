import {stripVTControlCharacters, styleText} from 'node:util'
import type {Job} from '../../lib/job/job.ts'
import {withoutManualCheck} from '../../lib/job/manual-check.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {plural} from '../../lib/log/plural.ts'
import {toPrintable, toPrintableLine} from '../../lib/log/printable.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import {alignRows} from '../cli/align-rows.ts'
import {formatAge} from '../cli/duration.ts'
import {formatMoment, wrapText} from '../cli/table.ts'
import {formatHistory} from '../runs/history-table.ts'
import type {DeadLetter} from './dead-letter.ts'
import {isIdempotent} from './moved-dead-letter.ts'
import type {ReplayPlan} from './replay-plan.ts'
import {replayCommand} from './replay-report.ts'

/** Characters of a message's data that are shown. */
const maxData = 2000

/** Everything about one dead letter: what it is, why it is here, its run's history, and what to type. */
export function formatDeadLetter(
  deadLetter: DeadLetter,
  about: {
    readonly job: Job | undefined
    /** Undefined: the ledger does not answer; see historyTrouble. */
    readonly history: readonly LedgerEntry[] | undefined
    readonly historyTrouble?: string
    /** What a replay without --force would do; undefined where the ledger does not answer. */
    readonly plan: ReplayPlan | undefined
    readonly environment: TargetEnvironment
    readonly logHint: string | undefined
    readonly now: Date
    readonly columns?: number | undefined
  },
): string {
  const {job, history, plan, environment, now} = about
  // Where the steps say what to check, that stands once, there.
  const brief = (text: string) => (plan?.kind === 'refuse' && plan.isForceable ? withoutManualCheck(text, job) : text)
  const age = formatAge(now.getTime() - deadLetter.deadLetteredAt.getTime())
  const rows: [string, string | undefined][] = [
    ['job', job === undefined ? deadLetter.job : `${job.name}: ${job.summary}`],
    ['run', deadLetter.runId],
    ['part', deadLetter.part > 1 ? String(deadLetter.part) : undefined],
    ['kind', deadLetter.kind],
    ['reason', brief(deadLetter.reason)],
    ['error', deadLetter.error],
    ['dead-lettered', `${formatMoment(deadLetter.deadLetteredAt)} UTC, ${age} ago, by ${deadLetter.deadLetteredBy}`],
    [
      'attempts',
      `${deadLetter.attempts}, ${deadLetter.attempts === 0 ? 'delivered ' : ''}from ${formatMoment(deadLetter.firstAt)} to ${formatMoment(deadLetter.lastAt)} UTC`,
    ],
    ['replays', String(deadLetter.replays)],
    ['topic', deadLetter.sourceTopic],
    ['message', deadLetter.messageId],
    ['idempotent', job === undefined ? undefined : isIdempotent(job, deadLetter) ? 'yes' : 'no'],
  ]
  const attributes = Object.entries(deadLetter.original.attributes)
  return [
    styleText('bold', `Dead letter ${deadLetter.id} in ${environment.name} (${environment.projectId})`),
    ...alignRows(
      rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, toPrintableLine(value, 1500)]])),
      about.columns,
    ),
    '',
    styleText('bold', 'Message'),
    ...attributes.flatMap(([name, value]) => wrapText(toPrintableLine(`${name}=${value}`, 1200), about.columns, '  ')),
    `  ${deadLetter.isAvailable ? formatData(deadLetter.original.data) : 'not handed out by Pub/Sub: another command holds it, or it was taken out by hand'}`,
    '',
    styleText('bold', 'History of the run'),
    history === undefined ? `  ${about.historyTrouble ?? ''}` : formatHistory(history, {columns: about.columns, brief}),
    '',
    styleText('bold', 'What now'),
    ...alignRows(nextSteps(deadLetter, about), about.columns),
  ].join('\n')
}

function nextSteps(
  deadLetter: DeadLetter,
  {plan, environment, logHint}: Pick<Parameters<typeof formatDeadLetter>[1], 'plan' | 'environment' | 'logHint'>,
): [string, string][] {
  const {id, runId, kind, isAvailable} = deadLetter
  const isForced = plan?.kind === 'refuse' && plan.isForceable
  const isUnknown = isForced && kind === 'unknown outcome'
  const command = `npm run dead-letters -- ${environment.name} discard ${id}${isAvailable ? '' : ' --absent'} --reason "…"`
  const discard: [string, string] = ['discard', isUnknown ? `${command}   (if it was done)` : command]
  const replay: [string, string][] =
    plan?.kind === 'refuse' && !isForced
      ? []
      : [['replay', `${replayCommand(environment, id, isForced)}   (${replayHint(plan, isUnknown)})`]]
  // Nothing reads an unreadable message by being asked again, and what was done already must not be done twice.
  const isDiscardFirst = isUnknown || kind === 'unreadable'
  const steps: [string, string][] =
    plan?.kind === 'refuse' ? [[isForced ? 'check first' : 'no replay', plan.reason]] : []
  steps.push(...(isDiscardFirst ? [discard, ...replay] : [...replay, discard]))
  if (runId !== undefined) steps.push(['history', `npm run runs -- ${environment.name} ${runId}`])
  if (logHint !== undefined) steps.push(['logs', logHint])
  return steps
}

function replayHint(plan: ReplayPlan | undefined, isUnknown: boolean): string {
  if (plan?.kind === 'clear') return `clears it, nothing runs: ${plan.reason}`
  if (isUnknown) return 'only if it was not done'
  if (plan?.kind === 'refuse') return 'once you have checked'
  return plan?.warning ?? 'once the reason is fixed'
}

/** Text as far as it is text; else what it is. */
function formatData(data: Buffer): string {
  if (data.length === 0) return 'no data'
  try {
    const text = new TextDecoder('utf-8', {fatal: true}).decode(data)
    return stripVTControlCharacters(toPrintable(text, maxData)).replaceAll('\n', '\n  ')
  } catch {
    return `${plural(data.length, 'byte')}, not UTF-8 text: base64 ${data.subarray(0, 60).toString('base64')}…`
  }
}
