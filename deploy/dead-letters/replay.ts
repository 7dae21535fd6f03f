import {styleText} from 'node:util'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {hasConsent} from '../environment/has-consent.ts'
import {operatorName} from '../environment/operator-name.ts'
import {type Operation, operate} from '../environment/session.ts'
import {followRun} from '../runs/follow-run.ts'
import {formatRunReport} from '../runs/run-report.ts'
import type {Letter} from './letter.ts'
import {withJobName} from './letter-filter.ts'
import {formatLetterTable} from './letter-table.ts'
import {findLetters, loadLetters, missingText} from './load-letters.ts'
import {type ReplayResult, type ReplayServices, replayLetters} from './replay-letter.ts'
import {parseReplayOptions, type ReplayOptions} from './replay-options.ts'
import {previewReplays} from './replay-preview.ts'
import {formatReplayResult, type Replayed, replayExitCode, replayJson} from './replay-report.ts'

/** `npm run replay`: publishes dead letters again, as the same runs. */
export function runReplay(argv: readonly string[], io: CommandIo, signal: AbortSignal): Promise<ExitCode> {
  return operate(
    argv,
    {io, signal},
    {parse: parseReplayOptions, resolve: withJobName, isLooking: ({dryRun}) => dryRun, act: replay},
  )
}

async function replay(operation: Operation, options: ReplayOptions): Promise<ExitCode> {
  const {io, environment, signal} = operation
  const {letters, missing} = await chooseLetters(operation, options)
  if (missing.length > 0) io.tell(styleText('yellow', missingText(missing)))
  const services = {...operation, requestedBy: operatorName(), isForced: options.isForced}
  if (options.dryRun) {
    const lines = await previewReplays(services, letters, environment)
    if (options.json) io.print(JSON.stringify({dryRun: true, replays: lines.map(({json}) => json), missing}))
    else io.print([...lines.map(({text}) => text), 'Dry run: nothing was published.'].join('\n'))
    return missing.length > 0 ? exitCodes.failed : exitCodes.done
  }
  if (letters.length === 0 && missing.length === 0 && !options.json) {
    io.print('No dead letter matches: nothing to replay.')
  }
  if (letters.length > 0 && !options.isConfirmed && !(await isAllowed(operation, letters))) {
    io.tell('Nothing was published.')
    return exitCodes.usage
  }
  const results = letters.length === 0 ? [] : await replayHeld(operation, services, letters, options)
  const isWaitedFor = options.wait ?? letters.length === 1
  const replays = isWaitedFor ? await waitForAll(operation, results, options) : results.map(result => ({result}))
  if (options.json) io.print(JSON.stringify(replayJson(environment, replays, missing)))
  return signal.aborted ? exitCodes.interrupted : replayExitCode(replays, missing)
}

async function chooseLetters(operation: Operation, {ids, filter, limit}: ReplayOptions) {
  if (ids.length > 0) return findLetters(operation, ids, operation.signal)
  const {letters, isComplete} = await loadLetters(operation, filter, operation.signal)
  if (!isComplete) operation.io.tell('There are more dead letters than one command reads: replay again for the rest.')
  return {letters: letters.slice(0, limit), missing: []}
}

async function isAllowed(operation: Operation, letters: readonly Letter[]): Promise<boolean> {
  const {environment, io, now} = operation
  if (environment.needsConfirmation) io.tell(formatLetterTable(letters, now()))
  return hasConsent(operation, letters.length === 1 ? 'Replay it' : `Replay these ${letters.length}`)
}

async function replayHeld(
  {io, environment, jobs, box, signal}: Operation,
  services: ReplayServices,
  letters: readonly Letter[],
  {isForced, json}: ReplayOptions,
): Promise<ReplayResult[]> {
  for (const {id, kind, job: name} of isForced ? letters : []) {
    const check = jobs.find(job => job.name === name)?.whatToCheck
    if (kind === 'unknown outcome' && check !== undefined) io.tell(styleText('yellow', `${id}, forced: ${check}`))
  }
  const say = json ? io.tell : io.print
  const onResult = (result: ReplayResult) => say(formatReplayResult(result, environment))
  const ids = letters.map(({id}) => id)
  return box.hold(ids, signal, async held => {
    const gone = letters.filter(({id}) => held.missing.includes(id))
    const there = letters.filter(({id}) => !held.missing.includes(id))
    const failed = gone.map((letter): ReplayResult => ({letter, kind: 'failed', reason: missingText([letter.id])}))
    failed.forEach(onResult)
    return [...failed, ...(await replayLetters(services, held, there, {signal, onResult}))]
  })
}

async function waitForAll(
  operation: Operation,
  results: readonly ReplayResult[],
  {timeoutSeconds, json}: ReplayOptions,
): Promise<Replayed[]> {
  const {io, environment, logHint} = operation
  const until = performance.now() + timeoutSeconds * 1000
  const waited: Replayed[] = []
  for (const result of results) {
    const {runId} = result.letter
    if (result.kind !== 'replayed' || runId === undefined) {
      waited.push({result})
      continue
    }
    const startedAt = performance.now()
    const left = Math.max(0, (until - startedAt) / 1000)
    const progress = await followRun(
      {...operation, runId, since: result.since, timeoutSeconds: left, isQuiet: json},
      io.stderr,
    )
    waited.push({result, progress})
    if (progress.state !== 'over') {
      io.tell(`${runId}: no outcome yet, the run goes on. Look again: npm run runs -- ${environment.name} ${runId}`)
    } else if (!json) {
      const {entry, attempts} = progress
      const totalMilliseconds = performance.now() - startedAt
      // Of several, each says whose end it is.
      const whose = results.length === 1 ? '' : `${styleText('bold', `${result.letter.id}  ${runId}`)}\n`
      io.print(
        `\n${whose}${formatRunReport(entry, {attempts, totalMilliseconds, environment, logHint: logHint(runId)})}`,
      )
    }
  }
  return waited
}
