import * as z from 'zod'
import {lastSegment, readJson} from '../gcloud/read-json.ts'
import type {ResourceType} from './resource-type.ts'

const named = z.array(z.object({name: z.string()}))

/** Secrets are checked, never read and never written: their values belong to people. */
export const secret: ResourceType<'secret'> = {
  name: 'secret',
  api: 'secretmanager.googleapis.com',
  async read({gcloud}, desired) {
    const secrets = await readJson(gcloud, named, ['secrets', 'list'])
    const present = desired.filter(({name}) => secrets.some(secret => lastSegment(secret.name) === name))
    return Promise.all(
      present.map(async ({type, name}) => {
        const args = ['secrets', 'versions', 'list', name, '--filter=state=ENABLED', '--limit=1']
        const versions = await readJson(gcloud, named, args)
        return {type, name, fields: {version: versions.length === 0 ? 'none is enabled' : 'enabled'}}
      }),
    )
  },
  create: () => [],
  fix({name}, projectId) {
    return (
      `create it, and type its value unobserved: gcloud secrets create ${name} --project=${projectId}; ` +
      `then gcloud secrets versions add ${name} --project=${projectId} --data-file=-`
    )
  },
}
