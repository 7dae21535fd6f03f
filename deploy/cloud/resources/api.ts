import * as z from 'zod'
import {readJson} from '../gcloud/read-json.ts'
import type {ResourceType} from './resource-type.ts'

const schema = z.array(z.object({config: z.object({name: z.string()})}))

/** APIs of Google Cloud: one resource with a field each, since gcloud enables many at once. */
export const api: ResourceType<'api'> = {
  name: 'api',
  async read({gcloud}, desired) {
    const enabled = new Set(
      (await readJson(gcloud, schema, ['services', 'list', '--enabled'])).map(({config}) => config.name),
    )
    return desired.flatMap(({type, name, fields}) => {
      const present = Object.keys(fields).filter(service => enabled.has(service))
      if (present.length === 0) return []
      return {type, name, fields: Object.fromEntries(present.map(service => [service, 'enabled']))}
    })
  },
  create: ({fields}) => [{gcloud: ['services', 'enable', ...Object.keys(fields)]}],
  update: (_, changes) => [{gcloud: ['services', 'enable', ...changes.map(({field}) => field)]}],
}
