import * as z from 'zod'
import type {UnavailableError} from '../errors/unavailable-error.ts'
import type {HttpService} from '../http/http-service.ts'

/** An organization's name in paths, bodies and arguments. */
export const orgSlugPattern = /^[a-z0-9_]{3,50}$/

const organizationPageSchema = z.object({
  organizations: z.array(
    z.object({
      // Not held against the pattern: one odd name must not hide the others from whoever goes through the list.
      org_slug: z.string().min(1).max(200),
      created_at: z.string().pipe(z.coerce.date()),
    }),
  ),
  total: z.number().int().nonnegative(),
  has_next: z.boolean(),
})
export type OrganizationPage = z.infer<typeof organizationPageSchema>

const organizationSyncSchema = z.object({
  status: z.enum(['SUCCESS', 'PARTIAL']),
  dataset_created: z.boolean(),
  tables_created: z.array(z.string()),
  columns_added: z.record(z.string(), z.array(z.string())),
  errors: z.array(z.string()),
  message: z.string(),
})
export type OrganizationSyncResult = z.infer<typeof organizationSyncSchema>

/** A sync takes up to 60 s; one that has not answered after twice that long never will. */
const syncTimeoutSeconds = 120

export type OrganizationOperations = {
  /**
   * One page of the active organizations, newest first. Pages shift when an organization comes or goes meanwhile.
   *
   * @param request.page from 1.
   * @param request.pageSize 1 to 100.
   */
  readonly listActiveOrganizations: (request: {page: number; pageSize: number}) => Promise<OrganizationPage>
  /**
   * Adds what one organization's dataset lacks. `PARTIAL`, with `errors`, comes with HTTP 200.
   *
   * @param options.onUnavailable told of each try that failed in a way that may pass, a rate limit for example.
   * @throws RejectedError with status 404 if there is no such organization, 400 if it is not active.
   */
  readonly syncOrganization: (
    orgSlug: string,
    options?: {onUnavailable?: (error: UnavailableError) => void},
  ) => Promise<OrganizationSyncResult>
}

export function createOrganizationOperations(call: HttpService): OrganizationOperations {
  return {
    listActiveOrganizations: ({page, pageSize}) =>
      call({
        name: `list of organizations, page ${page}`,
        method: 'GET',
        path: `/api/v1/organizations?status=ACTIVE&page=${page}&page_size=${pageSize}`,
        timeoutSeconds: 60,
        isIdempotent: true,
        answer: organizationPageSchema,
      }),
    syncOrganization: (orgSlug, options = {}) =>
      call({
        name: `sync of ${orgSlug}`,
        method: 'POST',
        path: `/api/v1/organizations/${encodeURIComponent(orgSlug)}/sync`,
        // Views are left alone: recreating them is the API's own business.
        json: {sync_missing_tables: true, sync_missing_columns: true, recreate_views: false},
        timeoutSeconds: syncTimeoutSeconds,
        isIdempotent: true,
        answer: organizationSyncSchema,
        ...options,
      }),
  }
}
