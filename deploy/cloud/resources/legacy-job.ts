import * as z from 'zod'
import {region} from '../../catalogue/environments.ts'
import {readJson} from '../gcloud/read-json.ts'
import {hasOldPrefix, isLegacyName} from '../names/legacy-names.ts'
import type {ResourceType} from './resource-type.ts'

const schema = z.array(z.object({metadata: z.object({name: z.string()})}))

/** Cloud Run jobs: those of the Python scripts that this project replaces, and others beside them. None is declared. */
export const legacyJob: ResourceType<'legacy-job'> = {
  name: 'legacy-job',
  api: 'run.googleapis.com',
  async read({gcloud}) {
    const jobs = await readJson(gcloud, schema, ['run', 'jobs', 'list', `--region=${region}`])
    return jobs.map(({metadata}) => ({type: 'legacy-job', name: metadata.name, fields: {}}))
  },
  create: () => [],
  remove: ({name}) => [{gcloud: ['run', 'jobs', 'delete', name, `--region=${region}`]}],
  isOurs: ({name}) => hasOldPrefix(name),
  isLegacy: ({name}) => isLegacyName(name),
}
