import {styleText} from 'node:util'
import {manualCheckOf} from '../../lib/job/manual-check.ts'
import {jobOfRunId} from '../../lib/job/run-id.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {wrapLines} from '../cli/wrap-lines.ts'
import {hasConsent} from '../environment/has-consent.ts'
import {operatorName} from '../environment/operator-name.ts'
import {type Session, withSession} from '../environment/session.ts'
import {followRun} from '../runs/follow-run.ts'
import {formatRunReport} from '../runs/run-report.ts'
import type {DeadLetter} from './dead-letter.ts'
import {withJobName} from './dead-letter-filter.ts'
import {formatDeadLetterTable} from './dead-letter-table.ts'
import {findDeadLetters, incompleteText, loadDeadLetters, readDeadLetters} from './load-dead-letters.ts'
import {missingText, unknownIdsText} from './missing-text.ts'
import {type ReplayResult, type ReplayServices, replayDeadLetters} from './replay-dead-letter.ts'
import {parseReplayOptions, type ReplayOptions} from './replay-options.ts'
import {formatReplayPreview, previewReplays, toReplayPreviewJson} from './replay-preview.ts'
import {formatReplayResult, type Replayed, replayExitCode, replayJson} from './replay-report.ts'

/** `npm run replay`: publishes dead letters again, as the same runs. */
export function runReplay(argv: readonly string[], io: CommandIo, signal: AbortSignal): Promise<ExitCode> {
  return withSession(
    argv,
    {io, signal},
    {parse: parseReplayOptions, resolve: withJobName, readOnly: ({dryRun}) => dryRun, act: replay},
  )
}

/** The command in a session. */
export async function replay(session: Session, options: ReplayOptions): Promise<ExitCode> {
  const {io, environment, signal} = session
  const {deadLetters, missing} = await chooseDeadLetters(session, options)
  if (missing.length > 0) {
    const isTyped = options.ids.length > 0
    io.stderr(styleText('yellow', isTyped ? unknownIdsText(missing, environment.name) : missingText(missing)))
  }
  const services = {...session, requestedBy: operatorName(), isForced: options.isForced}
  if (options.dryRun) {
    const previews = await previewReplays(services, deadLetters)
    if (options.json) {
      const replays = previews.map(toReplayPreviewJson)
      io.stdout(JSON.stringify({environment: environment.name, dryRun: true, replays, missing}))
    } else {
      const lines = previews.map(preview => wrapLines(formatReplayPreview(preview, environment), io.columns))
      io.stdout([...lines, 'Dry run: nothing was published.'].join('\n'))
    }
    return missing.length > 0 ? exitCodes.failed : exitCodes.done
  }
  if (deadLetters.length === 0 && missing.length === 0 && !options.json) {
    io.stdout('No dead letter matches: nothing to replay.')
  }
  if (deadLetters.length > 0 && !options.isConfirmed && !(await isAllowed(session, deadLetters))) {
    io.stderr('Nothing was published.')
    return exitCodes.usage
  }
  const results = deadLetters.length === 0 ? [] : await replayLeased(session, services, deadLetters, options)
  const isWaitedFor = options.wait ?? deadLetters.length === 1
  const replays = isWaitedFor ? await waitForAll(session, results, options) : results.map(result => ({result}))
  if (options.json) io.stdout(JSON.stringify(replayJson(environment, replays, missing)))
  return signal.aborted ? exitCodes.interrupted : replayExitCode(replays, missing)
}

async function chooseDeadLetters(session: Session, {ids, filter, limit, dryRun}: ReplayOptions) {
  const {io, queue, signal} = session
  if (ids.length > 0 && dryRun) return findDeadLetters(session, ids, signal)
  if (ids.length > 0) {
    // By a lease: what another command holds for a moment is waited for.
    const {deadLetters, missing} = await queue.hold(ids, signal, async leased => leased)
    return {deadLetters: await readDeadLetters(session, deadLetters), missing}
  }
  const inventory = await loadDeadLetters(session, filter, signal)
  if (!inventory.isComplete) io.stderr(styleText('yellow', incompleteText(inventory)))
  const chosen = inventory.deadLetters.slice(0, limit)
  return {
    deadLetters: chosen.filter(({isAvailable}) => isAvailable),
    missing: chosen.flatMap(({id, isAvailable}) => (isAvailable ? [] : [id])),
  }
}

async function isAllowed(session: Session, deadLetters: readonly DeadLetter[]): Promise<boolean> {
  const {environment, io, now} = session
  if (environment.needsConfirmation) io.stderr(formatDeadLetterTable(deadLetters, now(), io.columns))
  return hasConsent(session, deadLetters.length === 1 ? 'Replay it' : `Replay these ${deadLetters.length}`)
}

async function replayLeased(
  {io, environment, jobs, queue, signal}: Session,
  services: ReplayServices,
  deadLetters: readonly DeadLetter[],
  {isForced, json}: ReplayOptions,
): Promise<ReplayResult[]> {
  for (const {id, kind, job: name} of isForced ? deadLetters : []) {
    const job = jobs.find(known => known.name === name)
    const check = job && manualCheckOf(job, environment.projectId)
    if (kind === 'unknown outcome' && check !== undefined) io.stderr(styleText('yellow', `${id}, forced: ${check}`))
  }
  const say = json ? io.stderr : io.stdout
  const onResult = (result: ReplayResult) => say(wrapLines(formatReplayResult(result, environment), io.columns))
  const ids = deadLetters.map(({id}) => id)
  return queue.hold(ids, signal, async leased => {
    const gone = deadLetters.filter(({id}) => leased.missing.includes(id))
    const there = deadLetters.filter(({id}) => !leased.missing.includes(id))
    const failed = gone.map(
      (deadLetter): ReplayResult => ({deadLetter, kind: 'failed', reason: missingText([deadLetter.id])}),
    )
    failed.forEach(onResult)
    return [...failed, ...(await replayDeadLetters(services, leased, there, {signal, onResult}))]
  })
}

async function waitForAll(
  session: Session,
  results: readonly ReplayResult[],
  {timeoutSeconds, json}: ReplayOptions,
): Promise<Replayed[]> {
  const {io, environment, logHint} = session
  const until = performance.now() + timeoutSeconds * 1000
  const waited: Replayed[] = []
  for (const result of results) {
    const runId = result.kind === 'replayed' ? (result.runId ?? result.deadLetter.runId) : undefined
    if (result.kind !== 'replayed' || runId === undefined) {
      waited.push({result})
      continue
    }
    const startedAt = performance.now()
    const left = Math.max(0, (until - startedAt) / 1000)
    const progress = await followRun(
      {
        ...session,
        runId,
        job: session.jobs.find(({name}) => name === jobOfRunId(runId)),
        since: result.since,
        timeoutSeconds: left,
        isQuiet: json,
      },
      io.terminal,
    )
    waited.push({result, progress})
    if (progress.state !== 'over') {
      io.stderr(
        `${runId}: no outcome yet, the run goes on. Follow it: npm run runs -- ${environment.name} ${runId} --follow`,
      )
    } else if (!json) {
      const {entry, attempts} = progress
      const totalMilliseconds = performance.now() - startedAt
      // Of several, each says whose end it is.
      const whose = results.length === 1 ? '' : `${styleText('bold', `${result.deadLetter.id}  ${runId}`)}\n`
      io.stdout(
        `\n${whose}${formatRunReport(entry, {attempts, totalMilliseconds, environment, logHint: logHint(runId), columns: io.columns})}`,
      )
    }
  }
  return waited
}
