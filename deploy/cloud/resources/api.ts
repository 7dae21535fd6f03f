import * as z from 'zod'
import {readJson} from '../gcloud/read-json.ts'
import type {Kind} from './resource-type.ts'

const schema = z.array(z.object({config: z.object({name: z.string()})}))

/** APIs of Google Cloud: one resource with a field each, since gcloud enables many at once. */
export const api: Kind = {
  name: 'api',
  async read({gcloud}, desired) {
    const enabled = new Set(
      (await readJson(gcloud, schema, ['services', 'list', '--enabled'])).map(({config}) => config.name),
    )
    return desired.flatMap(({kind, name, fields}) => {
      const here = Object.keys(fields).filter(service => enabled.has(service))
      if (here.length === 0) return []
      return {kind, name, fields: Object.fromEntries(here.map(service => [service, 'enabled']))}
    })
  },
  create: ({fields}) => [{gcloud: ['services', 'enable', ...Object.keys(fields)]}],
  update: (_, changes) => [{gcloud: ['services', 'enable', ...changes.map(({field}) => field)]}],
}
