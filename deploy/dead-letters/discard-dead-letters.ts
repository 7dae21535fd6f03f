import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import {claimAndWait} from '../../lib/ledger/claim-and-wait.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'
import {runStateOf} from '../../lib/run/run-state.ts'
import type {LeasedMessages} from '../environment/dead-letter-queue.ts'
import type {DeadLetter} from './dead-letter.ts'
import {toClearEntry, toDiscardEntry} from './discard-entry.ts'
import {toRequest} from './moved-dead-letter.ts'

/**
 * Gives dead letters up: each is recorded in its run's history first, and acknowledged after that.
 *
 * @param options.signal ends it between two dead letters.
 * @throws UnavailableError if one could not be recorded or acknowledged; it is then still listed.
 */
export async function discardDeadLetters(
  ledger: RunLedger,
  leased: Pick<LeasedMessages, 'acknowledge'>,
  deadLetters: readonly DeadLetter[],
  options: {
    readonly requestedBy: string
    readonly reason: string
    readonly now: () => Date
    readonly signal: AbortSignal
    readonly onDiscarded: (deadLetter: DeadLetter) => void
  },
): Promise<void> {
  const {requestedBy, now} = options
  for (const deadLetter of deadLetters) {
    options.signal.throwIfAborted()
    const {history, end} = await readRun(ledger, deadLetter, now())
    const at = now()
    // A run that is over, well or not, does not fail because of one dead letter too many.
    const entry =
      end === undefined
        ? toDiscardEntry(deadLetter, {requestedBy, reason: options.reason, at})
        : toClearEntry(deadLetter, {requestedBy, reason: `${options.reason} (the run has ${end} already)`, at})
    if (history.some(({attempt}) => attempt > 0)) await ledger.record(entry)
    // Whatever decides a run without an attempt takes the first attempt's claim: no delivery can start it from then on.
    else if (!(await claimAndWait(ledger, {...entry, attempt: 1}))) {
      throw new UnavailableError(`the run of dead letter ${deadLetter.id} has just started: look at it again`, {
        mayHaveExecuted: false,
      })
    }
    if (deadLetter.isAvailable) await leased.acknowledge(deadLetter.id)
    options.onDiscarded(deadLetter)
  }
}

async function readRun(
  ledger: RunLedger,
  deadLetter: DeadLetter,
  now: Date,
): Promise<{history: readonly LedgerEntry[]; end: string | undefined}> {
  const {runId} = deadLetter
  if (runId === undefined) return {history: [], end: undefined}
  const history = await ledger.history(runId)
  const state = runStateOf(history, toRequest(deadLetter), now)
  return {history, end: state.kind === 'finished' ? state.entry.event : undefined}
}
