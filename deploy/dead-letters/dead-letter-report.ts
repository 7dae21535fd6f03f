import {stripVTControlCharacters, styleText} from 'node:util'
import type {Job} from '../../lib/job/job.ts'
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
  const {job, history, environment, now} = about
  const age = formatAge(now.getTime() - deadLetter.deadLetteredAt.getTime())
  const rows: [string, string | undefined][] = [
    ['job', job === undefined ? deadLetter.job : `${job.name}: ${job.summary}`],
    ['run', deadLetter.runId],
    ['part', deadLetter.part > 1 ? String(deadLetter.part) : undefined],
    ['kind', deadLetter.kind],
    ['reason', deadLetter.reason],
    ['error', deadLetter.error],
    ['dead-lettered', `${formatMoment(deadLetter.deadLetteredAt)} UTC, ${age} ago, by ${deadLetter.deadLetteredBy}`],
    [
      'attempts',
      `${deadLetter.attempts}, from ${formatMoment(deadLetter.firstAt)} to ${formatMoment(deadLetter.lastAt)} UTC`,
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
    history === undefined ? `  ${about.historyTrouble ?? ''}` : formatHistory(history, about.columns),
    '',
    styleText('bold', 'What now'),
    ...alignRows(nextSteps(deadLetter, about), about.columns),
  ].join('\n')
}

function nextSteps(
  {id, runId, isAvailable}: DeadLetter,
  {plan, environment, logHint}: Pick<Parameters<typeof formatDeadLetter>[1], 'plan' | 'environment' | 'logHint'>,
): [string, string][] {
  const isForced = plan?.kind === 'refuse' && plan.isForceable
  const steps: [string, string][] = []
  if (plan?.kind === 'refuse') steps.push(isForced ? ['check first', plan.reason] : ['no replay', plan.reason])
  if (plan?.kind !== 'refuse' || isForced) {
    const hint =
      plan?.kind === 'clear'
        ? `clears it, nothing runs: ${plan.reason}`
        : isForced
          ? 'once you have checked'
          : ((plan?.kind === 'publish' ? plan.warning : undefined) ?? 'once the reason is fixed')
    steps.push(['replay', `${replayCommand(environment, id, isForced)}   (${hint})`])
  }
  steps.push([
    'discard',
    `npm run dead-letters -- ${environment.name} discard ${id}${isAvailable ? '' : ' --absent'} --reason "…"`,
  ])
  if (runId !== undefined) steps.push(['history', `npm run runs -- ${environment.name} ${runId}`])
  if (logHint !== undefined) steps.push(['logs', logHint])
  return steps
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
