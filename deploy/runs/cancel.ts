import {findCancellation} from '../../lib/delivery/cancellation.ts'
import {currentVersion} from '../../lib/environment/version.ts'
import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import {jobOfRunId} from '../../lib/job/run-id.ts'
import {claimAndWait} from '../../lib/ledger/claim-and-wait.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {formatMoment} from '../cli/table.ts'
import {hasConsent} from '../environment/has-consent.ts'
import {operatorName} from '../environment/operator-name.ts'
import {type Session, withSession} from '../environment/session.ts'
import {type CancelOptions, parseCancelOptions} from './cancel-options.ts'
import {runProgressOf} from './run-progress.ts'
import {isUnderWay, summarizeRuns} from './run-summary.ts'

const dayMilliseconds = 86_400_000

/** What became of a run that was to be cancelled. */
export type Cancelled =
  | {readonly kind: 'cancelled'; readonly wasRunning: boolean}
  /** It had not started, and won't; or there is no such run. */
  | {readonly kind: 'cancelled before its start'}
  /** What is in flight has not ended yet. */
  | {readonly kind: 'cancelled before'; readonly at: Date; readonly requestedBy: string}
  | {readonly kind: 'over'; readonly event: LedgerEntry['event']; readonly at: Date}

/** `npm run cancel`. */
export function runCancel(argv: readonly string[], io: CommandIo, signal: AbortSignal): Promise<ExitCode> {
  return withSession(argv, {io, signal}, {parse: parseCancelOptions, readOnly: () => false, act: cancel})
}

async function cancel(session: Session, {runId, isConfirmed, json}: CancelOptions): Promise<ExitCode> {
  const {io, environment} = session
  const isUnknown = (await session.ledger.history(runId)).length === 0
  if (isUnknown) io.stderr(await describeUnknown(session, runId))
  if (!isConfirmed && !(await hasConsent(session, `Cancel ${runId}`, {isAlwaysAsked: isUnknown}))) {
    io.stderr('Nothing was cancelled.')
    return exitCodes.usage
  }
  const result = await cancelRun(session, runId, operatorName())
  if (json) io.stdout(JSON.stringify({environment: environment.name, runId, ...result}))
  else io.stdout(describe(runId, result, environment.name))
  return exitCodes.done
}

/**
 * Records that a run is cancelled. A run that was never attempted is over with that; an attempt that is in flight ends
 * by itself, with nothing new started.
 *
 * @throws UnavailableError if it could not be recorded.
 */
export async function cancelRun(
  {ledger, now}: Pick<Session, 'ledger' | 'now'>,
  runId: string,
  requestedBy: string,
): Promise<Cancelled> {
  const history = await ledger.history(runId)
  const progress = runProgressOf(history)
  if (progress.state === 'over') return {kind: 'over', event: progress.entry.event, at: progress.entry.at}
  const started = history.findLast(({event}) => event === 'started')
  const before = started && findCancellation(history, started)
  if (before !== undefined) return {kind: 'cancelled before', at: before.at, requestedBy: before.requestedBy}
  const last = history.findLast(({attempt}) => attempt > 0)
  const entry: LedgerEntry = {
    runId,
    job: last?.job ?? jobOfRunId(runId) ?? 'unknown',
    attempt: 0,
    part: last?.part ?? 1,
    event: 'cancelled',
    at: now(),
    // A later delivery of the same message is what this is to stop.
    messageId: last?.messageId ?? 'none',
    trigger: last?.trigger ?? 'manual',
    requestedBy,
    args: {},
    summary: `cancelled by ${requestedBy}`,
    version: currentVersion(),
  }
  if (last !== undefined) {
    await ledger.record(entry)
    return {kind: 'cancelled', wasRunning: progress.state === 'running'}
  }
  // With the first attempt's claim nothing can start it any more.
  if (await claimAndWait(ledger, {...entry, attempt: 1})) return {kind: 'cancelled before its start'}
  throw new UnavailableError(`run ${runId} has just started: cancel it again`, {mayHaveExecuted: false})
}

/** A run that was published a moment ago is as unknown as one that never was. */
async function describeUnknown(
  {ledger, now, environment}: Pick<Session, 'ledger' | 'now' | 'environment'>,
  runId: string,
): Promise<string> {
  const runs = summarizeRuns(await ledger.since(new Date(now().getTime() - dayMilliseconds)), now())
  const underWay = runs.filter(({outcome}) => isUnderWay(outcome))
  const known =
    underWay.length === 0
      ? ['Nothing is running now.']
      : [
          'Running now:',
          ...underWay.map(run => `  ${toPrintableLine(run.runId, 200)}, since ${formatMoment(run.at)} UTC`),
        ]
  const unknown = `Nothing is known of ${runId} yet: if it was published, cancelling keeps it from starting; if its id is mistyped, nothing is stopped.`
  const unrecorded = `Where the function can't reach the run ledger, it may run unrecorded: npm run logs -- ${environment.name} ${runId}`
  return [unknown, unrecorded, ...known].join('\n')
}

function describe(runId: string, result: Cancelled, env: string): string {
  if (result.kind === 'over') return `${runId} is over already: ${result.event}, ${formatMoment(result.at)} UTC.`
  if (result.kind === 'cancelled before its start')
    return `${runId} is cancelled: if it was published and has not started, it won't.`
  const follow = `Follow it: npm run runs -- ${env} ${runId} --follow`
  const inFlight = 'What is in flight ends within a minute; nothing new is started.'
  if (result.kind === 'cancelled before') {
    const by = toPrintableLine(result.requestedBy, 100)
    return `${runId} is cancelled already, since ${formatMoment(result.at)} UTC, by ${by}. ${inFlight}\n${follow}`
  }
  return `${runId} is cancelled.${result.wasRunning ? ` ${inFlight}` : ''}\n${follow}`
}
