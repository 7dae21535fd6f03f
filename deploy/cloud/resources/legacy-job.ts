import * as z from 'zod'
import {region} from '../../catalogue/environments.ts'
import {readJson} from '../gcloud/read-json.ts'
import {isLegacyName} from './is-job-name.ts'
import type {Kind} from './resource-type.ts'

const schema = z.array(z.object({metadata: z.object({name: z.string()})}))

/** Cloud Run jobs of the Python scripts that this project replaces. None is ever declared. */
export const legacyJob: Kind = {
  name: 'legacy-job',
  api: 'run.googleapis.com',
  async read({gcloud}) {
    const jobs = await readJson(gcloud, schema, ['run', 'jobs', 'list', `--region=${region}`])
    return jobs.map(({metadata}) => ({kind: 'legacy-job', name: metadata.name, fields: {}}))
  },
  create: () => [],
  remove: ({name}) => [{gcloud: ['run', 'jobs', 'delete', name, `--region=${region}`]}],
  isOurs: ({name}) => isLegacyName(name),
  isLegacy: () => true,
}
