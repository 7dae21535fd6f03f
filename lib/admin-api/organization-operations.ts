import * as z from 'zod'
import type {UnavailableError} from '../errors/unavailable-error.ts'
import type {CreateOperations} from './operation.ts'

/** An organization's name in paths, bodies and arguments. */
export const orgSlugPattern = /^[a-z0-9_]{3,50}$/

const organizationPageSchema = z.object({
  organizations: z.array(
    z.object({
      // Not held against the pattern: one odd name must not hide the others from a job that goes through the list.
      org_slug: z.string().min(1).max(200),
      // The API's rows may lack it.
      created_at: z
        .union([z.string().pipe(z.coerce.date()), z.null()])
        .optional()
        .transform(moment => moment ?? undefined),
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

/** A sync takes up to 60 s, but may wait behind others; Cloud Run ends every request after 300 s. */
const syncTimeoutSeconds = 295

export type OrganizationOperations = {
  /**
   * One page of the active organizations, newest first. Pages shift when an organization comes or goes meanwhile.
   *
   * @param request.page from 1.
   * @param request.pageSize 1 to 100.
   * @param request.retries tries after the first. @default the client's own
   * @throws UnavailableError with status 500, always, for a page that holds an organization whose row the API can't serve.
   */
  readonly listActiveOrganizations: (request: {
    page: number
    pageSize: number
    retries?: number
  }) => Promise<OrganizationPage>
  /**
   * How many organizations are active. Asks for a page behind the last: one that holds an organization whose row is
   * broken would be a 500.
   */
  readonly countActiveOrganizations: () => Promise<number>
  /**
   * Adds what one organization's dataset lacks. `PARTIAL`, with `errors`, comes with HTTP 200. Sent again by itself only
   * where nothing was executed.
   *
   * @param options.onUnavailable told of each try that failed in a way that may pass, a rate limit for example.
   * @throws RejectedError with status 404 if there is no such organization, 400 if it is not active.
   */
  readonly syncOrganization: (
    orgSlug: string,
    options?: {onUnavailable?: (error: UnavailableError) => void},
  ) => Promise<OrganizationSyncResult>
}

declare module './admin-api.ts' {
  interface AdminApi extends OrganizationOperations {}
}

/** More organizations than anybody has. */
const pageBehindTheLast = 100_000_000

const createOrganizationOperations = ((call): OrganizationOperations => ({
  listActiveOrganizations: ({page, pageSize, retries}) =>
    call({
      name: `list of organizations, page ${page}`,
      method: 'GET',
      path: `/api/v1/organizations?status=ACTIVE&page=${page}&page_size=${pageSize}`,
      timeoutSeconds: 60,
      isIdempotent: true,
      answer: organizationPageSchema,
      ...(retries === undefined ? {} : {retries}),
    }),
  countActiveOrganizations: async () => {
    const {total} = await call({
      name: 'count of active organizations',
      method: 'GET',
      path: `/api/v1/organizations?status=ACTIVE&page=${pageBehindTheLast}&page_size=1`,
      timeoutSeconds: 60,
      isIdempotent: true,
      answer: organizationPageSchema,
    })
    return total
  },
  syncOrganization: (orgSlug, options = {}) =>
    call({
      name: `sync of ${orgSlug}`,
      method: 'POST',
      path: `/api/v1/organizations/${encodeURIComponent(orgSlug)}/sync`,
      // Views are left alone: recreating them is the API's own business.
      json: {sync_missing_tables: true, sync_missing_columns: true, recreate_views: false},
      timeoutSeconds: syncTimeoutSeconds,
      // It is, but the API may still be at a request that has no answer: the same one beside it would only wait.
      isIdempotent: false,
      answer: organizationSyncSchema,
      ...options,
    }),
})) satisfies CreateOperations
export default createOrganizationOperations
