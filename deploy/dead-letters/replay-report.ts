import {styleText} from 'node:util'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import type {RunProgress} from '../runs/run-progress.ts'
import {exitCodeOf} from '../runs/run-report.ts'
import type {ReplayResult} from './replay-dead-letter.ts'

/** A letter's replay, and how far its run was when the wait for it ended; undefined where nobody waited. */
export type Replayed = {readonly result: ReplayResult; readonly progress?: RunProgress}

/** What became of one letter, in a line or two. */
export function formatReplayResult(result: ReplayResult, environment: TargetEnvironment): string {
  const {deadLetter} = result
  const name = `${deadLetter.id}  ${deadLetter.runId ?? deadLetter.job ?? 'unknown job'}`
  if (result.kind === 'replayed') {
    const topic = toPrintableLine(deadLetter.sourceTopic ?? '')
    const isNewRun = result.runId !== undefined && result.runId !== deadLetter.runId
    const as = `message ${result.messageId}${isNewRun ? `, run ${result.runId}` : ''}`
    const line = `${styleText('green', '↻')} ${name}  published to ${topic} as ${as}`
    return result.warning === undefined ? line : `${line}\n  ${styleText('yellow', `warning: ${result.warning}`)}`
  }
  if (result.kind === 'cleared') return `${styleText('cyan', '–')} ${name}  cleared, nothing runs: ${result.reason}`
  const line = `${styleText('red', '✖')} ${name}  stays: ${toPrintableLine(result.reason, 1500)}`
  if (result.kind === 'failed' || !result.isForceable) return line
  return `${line}\n  ${styleText('gray', 'To replay anyway:')} ${replayCommand(environment, deadLetter.id, true)}`
}

/** The command that replays a letter, to be copied as it stands. */
export function replayCommand(environment: TargetEnvironment, id: string, isForced: boolean): string {
  return `npm run replay -- ${environment.name} ${id}${isForced ? ' --force' : ''}`
}

/** What `replay --json` prints. */
export function replayJson(
  environment: TargetEnvironment,
  replays: readonly Replayed[],
  missing: readonly string[],
): Record<string, unknown> {
  return {
    environment: environment.name,
    project: environment.projectId,
    replays: replays.map(({result, progress}) => ({
      deadLetter: result.deadLetter.id,
      job: result.deadLetter.job ?? null,
      runId: (result.kind === 'replayed' ? result.runId : undefined) ?? result.deadLetter.runId ?? null,
      result: result.kind,
      reason: 'reason' in result ? result.reason : (result.warning ?? null),
      messageId: result.kind === 'replayed' ? result.messageId : null,
      ...endJson(progress?.state === 'over' ? progress.entry : undefined),
    })),
    missing,
    exitCode: replayExitCode(replays, missing),
  }
}

/** 0 where everything went well, 1 where nothing did, 3 between; a single letter's own. */
export function replayExitCode(replays: readonly Replayed[], missing: readonly string[]): ExitCode {
  const codes = [...replays.map(codeOf), ...missing.map(() => exitCodes.failed)]
  const [first = exitCodes.done] = codes
  return codes.every(code => code === first) ? first : exitCodes.partial
}

function endJson(end: LedgerEntry | undefined): Record<string, unknown> {
  return {
    outcome: end?.event ?? null,
    summary: end?.summary ?? end?.error?.message ?? null,
    nextDeadLetter: end?.error?.deadLetterId ?? null,
  }
}

function codeOf({result, progress}: Replayed): ExitCode {
  if (result.kind === 'refused' || result.kind === 'failed') return exitCodes.failed
  if (progress === undefined) return exitCodes.done
  return progress.state === 'over' ? exitCodeOf(progress.entry) : exitCodes.failed
}
