import {styleText} from 'node:util'
import type {Counts} from '../../lib/job/outcome.ts'
import type {LedgerEntry, LedgerError} from '../../lib/ledger/ledger-entry.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import {alignRows} from '../cli/align-rows.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {toWords} from '../cli/plain-text.ts'
import {wrapText} from '../cli/table.ts'
import {deadLetterCommands} from './dead-letter-commands.ts'

/** Lines of errors shown before the rest is only counted. */
const maxErrors = 25

const styles = {
  succeeded: {mark: '✔', style: 'green', exitCode: exitCodes.done},
  skipped: {mark: '–', style: 'cyan', exitCode: exitCodes.done},
  degraded: {mark: '!', style: 'yellow', exitCode: exitCodes.partial},
  failed: {mark: '✖', style: 'red', exitCode: exitCodes.failed},
  discarded: {mark: '–', style: 'yellow', exitCode: exitCodes.failed},
  cancelled: {mark: '–', style: 'yellow', exitCode: exitCodes.failed},
} as const

/** The exit code of a run that is over. */
export function exitCodeOf({event}: LedgerEntry): ExitCode {
  return isEnd(event) ? styles[event].exitCode : exitCodes.failed
}

/** The report on a run that is over: outcome, counts, errors, and what to do next if it failed. */
export function formatRunReport(
  entry: LedgerEntry,
  options: {
    readonly attempts: number
    readonly totalMilliseconds: number
    readonly environment: TargetEnvironment
    readonly logHint: string
    readonly columns?: number | undefined
  },
): string {
  const {mark, style} = styles[isEnd(entry.event) ? entry.event : 'failed']
  const duration = `${(options.totalMilliseconds / 1000).toFixed(1)} s`
  const attempts = options.attempts > 1 ? `, ${options.attempts} attempts` : ''
  const [text = '', ...more] = (entry.error?.kind === undefined ? (entry.summary ?? '') : entry.error.message).split(
    '\n',
  )
  const errors = entry.error?.details ?? []
  const {columns} = options
  return [
    ...wrapText(`${styleText([style, 'bold'], `${mark} ${entry.event}`)} in ${duration}${attempts}: ${text}`, columns),
    ...more.flatMap(line => wrapText(line, columns, '  ').map(part => styleText('yellow', part))),
    ...formatCounts(entry.counts ?? {}),
    ...errors.slice(0, maxErrors).flatMap(line => wrapText(`${styleText('red', '•')} ${line}`, columns, '  ')),
    ...(errors.length > maxErrors ? [`  … and ${errors.length - maxErrors} more, all in the run's history`] : []),
    ...(entry.event === 'failed' || entry.event === 'degraded' ? nextSteps(entry, options) : []),
  ].join('\n')
}

function nextSteps(
  entry: LedgerEntry,
  {environment, logHint}: {environment: TargetEnvironment; logHint: string},
): string[] {
  const {error, runId} = entry
  const steps: [string, string][] = [['history', `npm run runs -- ${environment.name} ${runId}`]]
  if (error?.deadLetterId !== undefined)
    steps.push(...deadLetterSteps(error.deadLetterId, error.kind, environment.name))
  steps.push(['logs', logHint])
  return ['', styleText('bold', 'What now'), ...alignRows(steps)]
}

/** What is most likely right comes first. */
function deadLetterSteps(id: string, kind: LedgerError['kind'], env: string): [string, string][] {
  const {show: command, discard, replay} = deadLetterCommands(env, id, kind)
  const show = `${id} (${kind}): ${command}`
  if (kind === 'unknown outcome') {
    return [
      ['dead letter', `${show}   (says what to check)`],
      ['discard', `${discard}   (if it was done)`],
      ['replay', `${replay}   (only if it was not done)`],
    ]
  }
  if (kind === 'unreadable') {
    return [
      ['dead letter', show],
      ['discard', discard],
      ['replay', `${replay}   (only once its job can read it)`],
    ]
  }
  return [
    ['dead letter', show],
    ['replay', `${replay}   (once it is fixed)`],
  ]
}

function formatCounts(counts: Counts): string[] {
  return alignRows(Object.entries(counts).map(([name, count]) => [toWords(name), count.toLocaleString('en-US')]))
}

function isEnd(event: LedgerEntry['event']): event is keyof typeof styles {
  return Object.hasOwn(styles, event)
}
