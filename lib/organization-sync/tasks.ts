import timers from 'node:timers/promises'
import type {OrganizationOperations} from '../admin-api/organization-operations.ts'
import {streamOrganizations} from './organization-stream.ts'
import {maxWaiting, type SyncTask} from './tally.ts'
import type {TallyStore} from './tally-store.ts'

/** Where a request was cut off, its organization isn't sent again before so long after its start. */
type Quiet = {readonly now: () => Date; readonly quietMilliseconds: number}

/**
 * The organizations to sync: what an earlier part left over and may be sent, those asked for by name, then the list.
 * One that comes out of here is begun: the tally counts it as taken.
 */
export async function* firstTries(
  api: Pick<OrganizationOperations, 'listActiveOrganizations'>,
  tally: TallyStore,
  quiet: Quiet,
): AsyncGenerator<SyncTask, void, undefined> {
  // Taken before, since what is interrupted here as well is put at its end.
  for (const {orgSlug} of tally.state().interrupted.filter(entry => dueAt(entry, quiet) <= quiet.now().getTime())) {
    yield resume(tally, orgSlug)
  }
  while (tally.state().requested.length > 0) {
    yield* overdue(tally)
    yield* begin(tally, 'requested')
  }
  if (tally.state().isListed) return
  for await (const organization of streamOrganizations({
    list: api.listActiveOrganizations,
    after: tally.state().cursor,
    onTotal: total => tally.dispatch({type: 'total', total}),
    onUnreadable: index => tally.dispatch({type: 'unlisted', position: index + 1}),
  })) {
    yield* overdue(tally)
    tally.dispatch({type: 'taken', organization})
    yield {orgSlug: organization.orgSlug, isSecondTry: false, wasInterrupted: false}
  }
  tally.dispatch({type: 'listed'})
}

/** Those that failed once. */
export async function* secondTries(tally: TallyStore): AsyncGenerator<SyncTask, void, undefined> {
  while (tally.state().retryQueue.length > 0) yield* begin(tally, 'retryQueue')
}

/**
 * Those whose request was cut off, each once the API can't be at it any more: waits for that.
 *
 * @param stop ends the wait; what is left then is for the next part.
 */
export async function* interruptedTries(
  tally: TallyStore,
  quiet: Quiet & {readonly stop: AbortSignal},
): AsyncGenerator<SyncTask, void, undefined> {
  for (;;) {
    const [first] = tally.state().interrupted.toSorted((a, b) => dueAt(a, quiet) - dueAt(b, quiet))
    if (first === undefined) return
    const milliseconds = dueAt(first, quiet) - quiet.now().getTime()
    if (milliseconds > 0) {
      const isDue = await timers.setTimeout(milliseconds, true, {signal: quiet.stop}).catch(() => false)
      if (!isDue) return
    }
    yield resume(tally, first.orgSlug)
  }
}

/** Second tries that can't wait for the end, since too many do. */
function* overdue(tally: TallyStore): Generator<SyncTask, void, undefined> {
  while (tally.state().retryQueue.length >= maxWaiting) yield* begin(tally, 'retryQueue')
}

function* begin(tally: TallyStore, queue: 'requested' | 'retryQueue'): Generator<SyncTask, void, undefined> {
  const [orgSlug] = tally.state()[queue]
  if (orgSlug === undefined) return
  tally.dispatch({type: 'begun', queue})
  yield {orgSlug, isSecondTry: queue === 'retryQueue', wasInterrupted: false}
}

function resume(tally: TallyStore, orgSlug: string): SyncTask {
  const entry = tally.state().interrupted.find(entry => entry.orgSlug === orgSlug)
  tally.dispatch({type: 'resumed', orgSlug})
  return {
    orgSlug,
    isSecondTry: entry?.isSecondTry ?? false,
    wasInterrupted: entry?.wasInterrupted ?? false,
  }
}

function dueAt({startedAt}: {readonly startedAt?: string | undefined}, {quietMilliseconds}: Quiet): number {
  return startedAt === undefined ? 0 : Date.parse(startedAt) + quietMilliseconds
}
