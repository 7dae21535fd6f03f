import {InvalidMessageError} from '../../lib/errors/invalid-message-error.ts'
import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import type {Job} from '../../lib/job/job.ts'
import {slotOfRunId} from '../../lib/job/run-id.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import {parseArgs, parseData} from '../../lib/run/message.ts'
import {type RunState, runStateOf} from '../../lib/run/run-state.ts'
import {countAttempts} from '../runs/attempts.ts'
import {isDiscard} from '../runs/run-progress.ts'
import type {DeadLetter} from './dead-letter.ts'

/** Clocks differ: an entry of the run may be this much older than its message. */
const clockDifferenceMilliseconds = 60_000
/** Characters of a run id's time: ulid's, as messageRunId uses it. */
const timeLength = 10

/**
 * What Pub/Sub moved says how often it was delivered, but not why that failed: the run ledger knows. One question for
 * all of them. Where the ledger does not answer, they stay as they are, and say so.
 */
export async function explainMovedDeadLetters(
  deadLetters: readonly DeadLetter[],
  options: {readonly jobs: readonly Job[]; readonly ledger: Pick<RunLedger, 'since'>; readonly now: Date},
): Promise<DeadLetter[]> {
  const moved = deadLetters.filter(isExplainable)
  if (moved.length === 0) return [...deadLetters]
  const earliest = Math.min(...moved.map(({firstAt}) => firstAt.getTime()))
  try {
    const entries = await options.ledger.since(new Date(earliest - clockDifferenceMilliseconds))
    return deadLetters.map(deadLetter =>
      isExplainable(deadLetter) ? explain(deadLetter, entries, options) : deadLetter,
    )
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    const why = toMessageText(error)
    return deadLetters.map(deadLetter =>
      isExplainable(deadLetter) ? {...deadLetter, reason: `${deadLetter.reason}; why is unknown, ${why}`} : deadLetter,
    )
  }
}

function isExplainable(deadLetter: DeadLetter): deadLetter is DeadLetter & {runId: string} {
  return deadLetter.deadLetteredBy === 'Pub/Sub' && deadLetter.runId !== undefined
}

function explain(
  deadLetter: DeadLetter & {runId: string},
  entries: readonly LedgerEntry[],
  {jobs, now}: {readonly jobs: readonly Job[]; readonly now: Date},
): DeadLetter {
  const runId = findRunId(deadLetter, entries)
  const history = entries.filter(entry => entry.runId === runId)
  const state = runStateOf(history, toRequest(deadLetter), now)
  const job = jobs.find(({name}) => name === deadLetter.job)
  const isUnknown = state.kind === 'abandoned' && !(job !== undefined && isIdempotent(job, deadLetter))
  const last = history.findLast(
    entry => entry.part === deadLetter.part && entry.event === 'failed' && !isDiscard(entry),
  )
  return {
    ...deadLetter,
    runId,
    attempts: countAttempts(history),
    kind: isUnknown ? 'unknown outcome' : deadLetter.kind,
    error: last?.error?.name ?? deadLetter.error,
    messageId: history.findLast(({event}) => event === 'started')?.messageId,
    reason: `${deadLetter.reason}: ${isUnknown ? 'outcome unknown, ' : ''}${describe(state, last)}`,
  }
}

function describe(state: RunState, last: LedgerEntry | undefined): string {
  if (state.kind === 'finished') return `the run has ${state.entry.event} anyway`
  if (state.kind === 'running') return `an attempt is running, its lease ends at ${state.leaseUntil.toISOString()}`
  if (state.kind === 'abandoned' && state.entry?.event === 'started') {
    return `attempt ${state.entry.attempt} started at ${state.entry.at.toISOString()} and never ended`
  }
  if (last !== undefined) return last.error?.message ?? last.summary ?? 'the last attempt failed'
  return 'no attempt is in the run ledger, so the function never started it; its logs, or Cloud Run, say why'
}

/**
 * A message that came without a run id got one from its message id, which a moved dead letter has lost: but its time, which
 * it has too, begins that run id.
 */
function findRunId(deadLetter: DeadLetter & {runId: string}, entries: readonly LedgerEntry[]): string {
  const {runId, job = '', original} = deadLetter
  if (original.attributes['runId'] !== undefined || slotOfRunId(runId) !== undefined) return runId
  const beginning = runId.slice(0, job.length + 1 + timeLength)
  return entries.find(entry => entry.runId.startsWith(beginning))?.runId ?? runId
}

/** What a replay of the dead letter asks the ledger about. */
export function toRequest({part, kind, attempt}: DeadLetter) {
  const isUnknown = kind === 'unknown outcome'
  return {
    part,
    // A message of its own: no failure of another message stands in its way.
    trigger: 'replay' as const,
    messageId: '',
    requestId: undefined,
    checkedAttempt: 0,
    endedAttempt: isUnknown ? 0 : attempt,
    doubtfulAttempt: isUnknown ? attempt : 0,
  }
}

/** Whether the dead letter's run is safe to execute twice. Arguments that can't be read were never executed. */
export function isIdempotent(job: Job, {original, kind}: DeadLetter): boolean {
  try {
    return job.isIdempotent(parseArgs(job.args, parseData(original.data)))
  } catch (error) {
    if (!(error instanceof InvalidMessageError)) throw error
    return kind === 'unreadable'
  }
}
