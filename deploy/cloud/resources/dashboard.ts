import * as z from 'zod'
import {readJson} from '../gcloud/read-json.ts'
import type {ResourceType} from './resource-type.ts'

const schema = z.array(
  z.object({
    name: z.string(),
    displayName: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
  }),
)

/** Compared by a hash in its labels: Monitoring rewrites the configuration that it is given. */
export const dashboard: ResourceType<'dashboard'> = {
  name: 'dashboard',
  api: 'monitoring.googleapis.com',
  async read({gcloud}) {
    const dashboards = await readJson(gcloud, schema, ['monitoring', 'dashboards', 'list'])
    return dashboards.map(({name, displayName, labels}) => ({
      type: 'dashboard',
      name: displayName,
      address: name,
      fields: {content: labels['config'] ?? 'changed by hand'},
    }))
  },
  create: ({spec}) => [{gcloud: ['monitoring', 'dashboards', 'create', {flag: 'config', json: spec.config}]}],
  // Updating needs the etag of what it replaces; removing and creating doesn't.
  remove: ({address}) => [{gcloud: ['monitoring', 'dashboards', 'delete', address ?? '']}],
}
