import * as z from 'zod'
import {lastSegment, readJson} from '../gcloud/read-json.ts'
import {isJobName} from '../names/is-job-name.ts'
import type {ResourceType} from './resource-type.ts'

const schema = z.array(z.object({name: z.string()}))

export const topic: ResourceType<'topic'> = {
  name: 'topic',
  api: 'pubsub.googleapis.com',
  async read({gcloud}) {
    const topics = await readJson(gcloud, schema, ['pubsub', 'topics', 'list'])
    return topics.map(({name}) => ({type: 'topic', name: lastSegment(name), fields: {}}))
  },
  create: ({name}) => [{gcloud: ['pubsub', 'topics', 'create', name]}],
  remove: ({name}) => [{gcloud: ['pubsub', 'topics', 'delete', name]}],
  isOurs: ({name}) => isJobName(name),
}
