import type {Job} from '../../lib/job/job.ts'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'
import type {DeadLetterQueue} from '../environment/dead-letter-queue.ts'
import type {ReceivedMessage} from '../environment/received-message.ts'
import {type DeadLetter, readDeadLetter} from './dead-letter.ts'
import {type DeadLetterFilter, isMatch} from './dead-letter-filter.ts'
import {explainMovedDeadLetters} from './moved-dead-letter.ts'

/** What reading letters takes. */
export type DeadLetterSources = {
  readonly queue: DeadLetterQueue
  readonly ledger: RunLedger
  readonly jobs: readonly Job[]
  readonly now: () => Date
}

/** The dead letters that a filter matches, oldest first; all stay where they are. @throws UnavailableError */
export async function loadDeadLetters(
  sources: DeadLetterSources,
  filter: DeadLetterFilter,
  signal: AbortSignal,
): Promise<{deadLetters: DeadLetter[]; isComplete: boolean}> {
  const {deadLetters, isComplete} = await sources.queue.list(signal)
  const read = await readDeadLetters(sources, deadLetters)
  return {deadLetters: read.filter(deadLetter => isMatch(deadLetter, filter, sources.now())), isComplete}
}

/** Letters by id, and the ids that are not there. @throws UnavailableError */
export async function findDeadLetters(
  sources: DeadLetterSources,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<{deadLetters: DeadLetter[]; missing: readonly string[]}> {
  const {deadLetters, missing} = await sources.queue.hold(ids, signal, async leased => leased)
  return {deadLetters: await readDeadLetters(sources, deadLetters), missing}
}

/** What is said of letters that are not there. */
export function missingText(ids: readonly string[]): string {
  return `no dead letter ${ids.join(', ')}: it was replayed or discarded already, or may be in use by another command (then it is back within a minute)`
}

/** What pulled letters are; where the ledger does not answer, their reasons say so. */
export function readDeadLetters(
  {jobs, ledger, now}: Omit<DeadLetterSources, 'box'>,
  received: readonly ReceivedMessage[],
): Promise<DeadLetter[]> {
  const deadLetters = received.map(deadLetter => readDeadLetter(deadLetter, jobs))
  return explainMovedDeadLetters(deadLetters, {jobs, ledger, now: now()})
}
