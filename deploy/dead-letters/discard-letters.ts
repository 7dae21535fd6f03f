import type {RunLedger} from '../../lib/ledger/run-ledger.ts'
import {runStateOf} from '../../lib/run/run-state.ts'
import type {HeldLetters} from '../environment/dead-letter-queue.ts'
import {toClearEntry, toDiscardEntry} from './discard-entry.ts'
import type {Letter} from './letter.ts'
import {toRequest} from './moved-letter.ts'

/**
 * Gives letters up: each is recorded in its run's history first, and acknowledged after that.
 *
 * @param options.signal ends it between two letters.
 * @throws UnavailableError if one could not be recorded or acknowledged; it is then still listed.
 */
export async function discardLetters(
  ledger: RunLedger,
  held: Pick<HeldLetters, 'acknowledge'>,
  letters: readonly Letter[],
  options: {
    readonly requestedBy: string
    readonly reason: string
    readonly now: () => Date
    readonly signal: AbortSignal
    readonly onDiscarded: (letter: Letter) => void
  },
): Promise<void> {
  const {requestedBy, now} = options
  for (const letter of letters) {
    options.signal.throwIfAborted()
    const end = await endOfRun(ledger, letter, now())
    const at = now()
    // A run that is over, well or not, does not fail because of a letter too many.
    const entry =
      end === undefined
        ? toDiscardEntry(letter, {requestedBy, reason: options.reason, at})
        : toClearEntry(letter, {requestedBy, reason: `${options.reason} (the run has ${end} already)`, at})
    await ledger.record(entry)
    await held.acknowledge(letter.id)
    options.onDiscarded(letter)
  }
}

async function endOfRun(ledger: RunLedger, letter: Letter, now: Date): Promise<string | undefined> {
  const {runId} = letter
  if (runId === undefined) return undefined
  const state = runStateOf(await ledger.history(runId), toRequest({...letter, runId}), now)
  return state.kind === 'finished' ? state.entry.event : undefined
}
