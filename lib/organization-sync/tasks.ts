import type {OrganizationOperations} from '../admin-api/organization-operations.ts'
import {streamOrganizations} from './organization-stream.ts'
import {maxWaiting, type SyncTally, type SyncTask} from './tally.ts'

/**
 * The organizations to sync: what an earlier part left over, those asked for by name, then the list. One that comes out
 * of here is begun: the tally counts it as taken.
 */
export async function* firstTries(
  api: Pick<OrganizationOperations, 'listActiveOrganizations'>,
  tally: SyncTally,
): AsyncGenerator<SyncTask, void, undefined> {
  // Counted before, since what is cut off here as well is put at its end.
  for (let left = tally.state.leftOver.length; left > 0; left -= 1) yield* orNone(tally.nextLeftOver())
  while (tally.state.named.length > 0) {
    yield* overdue(tally)
    yield* orNone(tally.nextNamed())
  }
  if (tally.state.isListed) return
  for await (const organization of streamOrganizations({
    list: api.listActiveOrganizations,
    after: tally.state.cursor,
    onTotal: tally.setTotal,
  })) {
    yield* overdue(tally)
    tally.taken(organization)
    yield {orgSlug: organization.orgSlug, isSecondTry: false, wasCut: false}
  }
  tally.listed()
}

/** Those that failed once. */
export async function* secondTries(tally: SyncTally): AsyncGenerator<SyncTask, void, undefined> {
  while (tally.state.again.length > 0) yield* orNone(tally.nextAgain())
}

/** Second tries that can't wait for the end, since too many do. */
function* overdue(tally: SyncTally): Generator<SyncTask, void, undefined> {
  while (tally.state.again.length >= maxWaiting) yield* orNone(tally.nextAgain())
}

function orNone(task: SyncTask | undefined): readonly SyncTask[] {
  return task === undefined ? [] : [task]
}
