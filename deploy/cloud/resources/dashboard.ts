import * as z from 'zod'
import {readJson} from '../gcloud/read-json.ts'
import type {Kind} from './resource-type.ts'

const schema = z.array(
  z.object({
    name: z.string(),
    displayName: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
  }),
)

/** Compared by a hash in its labels: Monitoring gives a dashboard back in other words than it was given. */
export const dashboard: Kind = {
  name: 'dashboard',
  api: 'monitoring.googleapis.com',
  async read({gcloud}) {
    const dashboards = await readJson(gcloud, schema, ['monitoring', 'dashboards', 'list'])
    return dashboards.map(({name, displayName, labels}) => ({
      kind: 'dashboard',
      name: displayName,
      handle: name,
      fields: {content: labels['config'] ?? 'changed by hand'},
    }))
  },
  create: ({payload}) => [{gcloud: ['monitoring', 'dashboards', 'create', `--config=${payload?.['config']}`]}],
  // Updating wants the etag of what it replaces; making it anew does not.
  remove: ({handle}) => [{gcloud: ['monitoring', 'dashboards', 'delete', handle ?? '']}],
}
