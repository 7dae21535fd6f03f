import type {Job} from '../../lib/job/job.ts'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'
import type {DeadLetterBox} from '../environment/dead-letter-queue.ts'
import type {ReceivedLetter} from '../environment/received-message.ts'
import {type Letter, readLetter} from './letter.ts'
import {isMatch, type LetterFilter} from './letter-filter.ts'
import {explainMovedLetters} from './moved-letter.ts'

/** What reading letters takes. */
export type LetterSources = {
  readonly box: DeadLetterBox
  readonly ledger: RunLedger
  readonly jobs: readonly Job[]
  readonly now: () => Date
}

/** The dead letters that a filter matches, oldest first; all stay where they are. @throws UnavailableError */
export async function loadLetters(
  sources: LetterSources,
  filter: LetterFilter,
  signal: AbortSignal,
): Promise<{letters: Letter[]; isComplete: boolean}> {
  const {letters, isComplete} = await sources.box.list(signal)
  const read = await readLetters(sources, letters)
  return {letters: read.filter(letter => isMatch(letter, filter, sources.now())), isComplete}
}

/** Letters by id, and the ids that are not there. @throws UnavailableError */
export async function findLetters(
  sources: LetterSources,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<{letters: Letter[]; missing: readonly string[]}> {
  const {letters, missing} = await sources.box.hold(ids, signal, async held => held)
  return {letters: await readLetters(sources, letters), missing}
}

/** What is said of letters that are not there. */
export function missingText(ids: readonly string[]): string {
  return `no dead letter ${ids.join(', ')}: it was replayed or discarded already, or may be in use by another command (then it is back within a minute)`
}

/** What pulled letters are; where the ledger does not answer, their reasons say so. */
export function readLetters(
  {jobs, ledger, now}: Omit<LetterSources, 'box'>,
  received: readonly ReceivedLetter[],
): Promise<Letter[]> {
  const letters = received.map(letter => readLetter(letter, jobs))
  return explainMovedLetters(letters, {jobs, ledger, now: now()})
}
