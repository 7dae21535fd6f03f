import {clearedErrorName} from '../../lib/delivery/clear-superseded.ts'
import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import type {Job} from '../../lib/job/job.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import type {DeadLetterQueue} from '../environment/dead-letter-queue.ts'
import type {ReceivedMessage} from '../environment/pull-subscription.ts'
import {type DeadLetter, readDeadLetter} from './dead-letter.ts'
import {type DeadLetterFilter, isMatch} from './dead-letter-filter.ts'
import {openDeadLetters, retentionDays} from './ledger-dead-letters.ts'
import {explainMovedDeadLetters} from './moved-dead-letter.ts'

/** What reading dead letters takes. */
export type DeadLetterSources = {
  readonly queue: Pick<DeadLetterQueue, 'peek' | 'hold'>
  readonly ledger: Pick<RunLedger, 'since'>
  readonly jobs: readonly Job[]
  readonly now: () => Date
}

/** The dead letters there are, oldest first. */
export type Inventory = {
  readonly deadLetters: readonly DeadLetter[]
  /** Ids of messages that are still there, though the ledger says that they are not needed any more. */
  readonly cleared: readonly string[]
  /** Whether ledger and Pub/Sub agree: everything the ledger knows was handed out, and nothing can be hidden. */
  readonly isComplete: boolean
  /** Whether Pub/Sub may have more than one command reads. */
  readonly isBounded: boolean
  /** Why the ledger's part is missing. */
  readonly trouble?: string
}

/**
 * The dead letters that a filter matches; all stay where they are. The inventory is the ledger's, the messages are
 * Pub/Sub's, and what only Pub/Sub knows (moved by itself, or never recorded) is added.
 *
 * @throws UnavailableError if Pub/Sub doesn't answer.
 */
export async function loadDeadLetters(
  sources: DeadLetterSources,
  filter: DeadLetterFilter,
  signal: AbortSignal,
): Promise<Inventory> {
  const since = new Date(sources.now().getTime() - retentionDays * 86_400_000)
  const reading = sources.ledger.since(since).catch(toTrouble)
  const inventory = await takeInventory(sources, reading, signal, {isThorough: true})
  await acknowledgeCleared(sources, inventory.cleared, signal)
  const deadLetters = inventory.deadLetters.filter(deadLetter => isMatch(deadLetter, filter, sources.now()))
  const {isBounded, trouble} = inventory
  // What another command holds, and the filter doesn't match, hides nothing.
  return {...inventory, deadLetters, isComplete: trouble === undefined && !isBounded && deadLetters.every(isAvailable)}
}

function isAvailable(deadLetter: DeadLetter): boolean {
  return deadLetter.isAvailable
}

/**
 * Compares what the ledger knows with what Pub/Sub hands out.
 *
 * @param reading the ledger's entries of at least the retention period, or why there are none.
 * @param options.isThorough asks Pub/Sub again for what it did not hand out.
 * @param options.wanted ids to look for as if the ledger knew them.
 */
export async function takeInventory(
  {queue, jobs, now}: Omit<DeadLetterSources, 'ledger'>,
  reading: Promise<readonly LedgerEntry[] | UnavailableError>,
  signal: AbortSignal,
  {isThorough, wanted = []}: {readonly isThorough: boolean; readonly wanted?: readonly string[]},
): Promise<Inventory> {
  signal.throwIfAborted()
  const [entries, first] = await Promise.all([reading, queue.peek([], signal)])
  signal.throwIfAborted()
  const isUnknown = entries instanceof UnavailableError
  const known = isUnknown ? [] : openDeadLetters(entries, jobs)
  const absentIn = (messages: readonly ReceivedMessage[]) => {
    const ids = new Set(messages.map(({id}) => id))
    return known.filter(({id}) => !ids.has(id))
  }
  const expected = [...new Set([...known.map(({id}) => id), ...wanted])].filter(
    id => !first.deadLetters.some(message => message.id === id),
  )
  const more = isThorough && expected.length > 0 ? (await queue.peek(expected, signal)).deadLetters : []
  const seen = new Set(first.deadLetters.map(({id}) => id))
  const all = [...first.deadLetters, ...more.filter(({id}) => !seen.has(id))]
  const clearedIds = new Set(
    isUnknown ? [] : entries.flatMap(({error}) => (error?.name === clearedErrorName ? [error.deadLetterId] : [])),
  )
  const received = all.filter(({id}) => !clearedIds.has(id))
  const absent = absentIn(received)
  const ledger = {
    since: async () => {
      if (isUnknown) throw entries
      return [...entries]
    },
  }
  const read = await readDeadLetters({jobs, ledger, now}, received)
  return {
    deadLetters: [...read, ...absent].toSorted(
      (a, b) => a.deadLetteredAt.getTime() - b.deadLetteredAt.getTime() || a.id.localeCompare(b.id),
    ),
    cleared: all.filter(({id}) => clearedIds.has(id)).map(({id}) => id),
    isComplete: !isUnknown && absent.length === 0 && !first.isBounded,
    isBounded: first.isBounded,
    ...(isUnknown ? {trouble: toMessageText(entries)} : {}),
  }
}

/** No function may pull: what one has cleared leaves Pub/Sub here. What can't be leased now is left to the next command. */
async function acknowledgeCleared(
  {queue}: Pick<DeadLetterSources, 'queue'>,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (ids.length === 0) return
  await queue.hold(ids, signal, async ({deadLetters, acknowledge}) => {
    for (const {id} of deadLetters) await acknowledge(id)
  })
}

/** Dead letters by id, and the ids that are not there; all stay where they are. @throws UnavailableError */
export async function findDeadLetters(
  sources: DeadLetterSources,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<{deadLetters: DeadLetter[]; missing: readonly string[]}> {
  const since = new Date(sources.now().getTime() - retentionDays * 86_400_000)
  const reading = sources.ledger.since(since).catch(toTrouble)
  const inventory = await takeInventory(sources, reading, signal, {isThorough: true, wanted: ids})
  const deadLetters = inventory.deadLetters.filter(({id}) => ids.includes(id))
  return {deadLetters, missing: ids.filter(id => !deadLetters.some(found => found.id === id))}
}

/** What is said of an inventory that may not be all. */
export function incompleteText({deadLetters, isBounded, trouble}: Inventory): string {
  if (trouble !== undefined) return `There may be more: ${trouble}`
  const {length} = deadLetters
  if (isBounded) return `At least ${length}: there are more than one command reads.`
  const absent = deadLetters.filter(deadLetter => !deadLetter.isAvailable).length
  const some = absent === 1 ? 'one' : String(absent)
  return `At least ${length}: another command holds ${some} of them, or it was taken out by hand (discard --absent settles that).`
}

/** What pulled dead letters are; where the ledger doesn't answer, their reasons say so. */
export function readDeadLetters(
  {jobs, ledger, now}: Omit<DeadLetterSources, 'queue'>,
  received: readonly ReceivedMessage[],
): Promise<DeadLetter[]> {
  const deadLetters = received.map(deadLetter => readDeadLetter(deadLetter, jobs))
  return explainMovedDeadLetters(deadLetters, {jobs, ledger, now: now()})
}

/** A ledger that doesn't answer is no reason to show nothing. */
export function toTrouble(error: unknown): UnavailableError {
  if (error instanceof UnavailableError) return error
  throw error
}
