import * as z from 'zod'
import {unhandledError} from './middleware-refusal.ts'
import {Refusal} from './refusal.ts'
import {parseBody, parsePath, parseQuery, queryInteger} from './request-input.ts'
import type {Call, CreateRoutes} from './route.ts'
import {
  type Organization,
  type OrganizationDataset,
  organizationStatusSchema,
  orgSlugSchema,
} from './state/organization.ts'
import {countOf, repairTables} from './state/table-set.ts'

const listQuery = z.object({
  status: organizationStatusSchema.optional(),
  page: queryInteger(1, Number.MAX_SAFE_INTEGER).optional(),
  page_size: queryInteger(1, 100).optional(),
})
const syncPath = z.object({org_slug: orgSlugSchema})
const syncBody = z.strictObject({
  sync_missing_tables: z.boolean(),
  sync_missing_columns: z.boolean(),
  recreate_views: z.boolean(),
})

/** The list of organizations, and the sync of one organization's dataset. */
const createOrganizationRoutes: CreateRoutes = services => {
  const {organizations, release} = services
  /** Equal datasets are one object: 100,000 organizations hold a handful of them. */
  const datasets = new Map<string, OrganizationDataset>()

  return [
    {
      operation: 'list-organizations',
      method: 'GET',
      path: '/api/v1/organizations',
      prepare({request}) {
        const {status, page = 1, page_size = 50} = parseQuery(listQuery, request)
        return {
          work() {
            const {profiles, total, hasNext} = organizations.page({status, page, pageSize: page_size})
            // The answer's model knows no NULL there: the row, and with it the page, can't be answered.
            const isUnanswerable = profiles.some(
              ({default_currency, default_timezone}) => default_currency === null || default_timezone === null,
            )
            if (isUnanswerable) throw unhandledError()
            return {organizations: profiles, total, page, page_size, has_next: hasNext}
          },
        }
      },
    },
    {
      operation: 'sync-organization',
      method: 'POST',
      path: '/api/v1/organizations/{org_slug}/sync',
      prepare({request, parameters}) {
        const {org_slug: orgSlug} = parsePath(syncPath, parameters)
        const body = parseBody(syncBody, request)
        return {orgSlug, work: call => sync(orgSlug, body, call)}
      },
    },
  ]

  async function sync(orgSlug: string, body: z.infer<typeof syncBody>, call: Call) {
    findActive(orgSlug)
    await call.pause(services.secondsFor(orgSlug))
    // It may have been removed or suspended in the meantime.
    const organization = findActive(orgSlug)
    const failure = organizations.takeFailure(orgSlug)
    const before = organization.dataset ?? {tables: {}, views: []}
    const repair = repairTables(before.tables, release.organizationTables, {
      missingTables: body.sync_missing_tables,
      missingColumns: body.sync_missing_columns,
      obstacle: () => failure,
    })
    const viewsCreated = body.recreate_views && failure === undefined ? release.organizationViews : []
    const views = viewsCreated.length > 0 ? viewsCreated : before.views
    const errors =
      failure === undefined || repair.errors.length > 0 ? repair.errors : [`Failed to check schema: ${failure}`]
    const datasetCreated = organization.dataset === undefined
    const changes =
      Number(datasetCreated) + repair.tablesCreated.length + countOf(repair.columnsAdded) + viewsCreated.length
    if (changes > 0) {
      organizations.setDataset(orgSlug, intern({tables: repair.tables, views}))
      call.changed(changes)
    }
    return {
      org_slug: orgSlug,
      status: errors.length > 0 ? 'PARTIAL' : 'SUCCESS',
      dataset_created: datasetCreated,
      tables_created: repair.tablesCreated,
      columns_added: repair.columnsAdded,
      views_created: viewsCreated,
      errors,
      message:
        errors.length > 0
          ? `Sync completed with errors: ${repair.tablesCreated.length} tables, ${errors.length} errors`
          : changes > 0
            ? `Sync completed: ${repair.tablesCreated.length} tables and ${countOf(repair.columnsAdded)} columns created`
            : 'Already in sync: no changes needed',
    }
  }

  function findActive(orgSlug: string): Readonly<Organization> {
    const organization = organizations.get(orgSlug)
    if (organization === undefined) {
      throw new Refusal(404, `Organization '${orgSlug}' not found. Use /organizations/onboard first.`)
    }
    if (organization.profile.status !== 'ACTIVE') {
      throw new Refusal(400, `Organization '${orgSlug}' is not active. Contact support.`)
    }
    return organization
  }

  function intern(dataset: OrganizationDataset): OrganizationDataset {
    const key = JSON.stringify(dataset)
    const known = datasets.get(key)
    if (known === undefined) datasets.set(key, dataset)
    return known ?? dataset
  }
}
export default createOrganizationRoutes
