import type {OrganizationSyncResult} from '../../lib/admin-api/organization-operations.ts'
import {RejectedError} from '../../lib/errors/rejected-error.ts'
import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import {createOrganizationList, syncResult} from './organization-list.ts'

/** One turn of the event loop. */
export const turn = () => new Promise(resolve => setImmediate(resolve))
/** The API's no to one organization, or to everybody. */
export const refusal = (status: number, detail: string) =>
  new RejectedError(`the admin API refused it (HTTP ${status}: ${detail})`, {status, detail})
/** The API's "not now". */
export const broken = () =>
  new UnavailableError('the admin API could not do it now (HTTP 500)', {mayHaveExecuted: true, status: 500})

/** An API with so many organizations whose syncs answer what the test says; the calls are kept. */
export function createSyncApi(
  count: number,
  sync: (orgSlug: string, call: number) => Promise<OrganizationSyncResult> | OrganizationSyncResult = () =>
    syncResult(),
) {
  const {list, slugs} = createOrganizationList(count)
  const calls: string[] = []
  return {
    calls,
    slugs,
    listActiveOrganizations: list,
    async syncOrganization(orgSlug: string) {
      calls.push(orgSlug)
      const call = calls.filter(slug => slug === orgSlug).length
      await turn()
      return sync(orgSlug, call)
    },
  }
}

/** A signal for each part that fires once so many syncs have begun in it. */
export function afterSyncs(api: {readonly calls: readonly string[]}, count: number): () => AbortSignal {
  return () => {
    const controller = new AbortController()
    const from = api.calls.length
    const look = () => {
      if (api.calls.length - from >= count) controller.abort()
      else if (!controller.signal.aborted && ticks++ < 100_000) setImmediate(look)
    }
    let ticks = 0
    look()
    return controller.signal
  }
}
