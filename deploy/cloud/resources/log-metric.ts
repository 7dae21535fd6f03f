import * as z from 'zod'
import {readJson} from '../gcloud/read-json.ts'
import {type Command, configFile, type Desired} from './resource.ts'
import type {Kind} from './resource-type.ts'

const schema = z.array(
  z.object({
    name: z.string(),
    filter: z.string().default(''),
    labelExtractors: z.record(z.string(), z.string()).default({}),
    valueExtractor: z.string().default(''),
  }),
)

/** Metrics that Cloud Logging counts from the functions' own log lines. */
export const logMetric: Kind = {
  name: 'log-metric',
  api: 'logging.googleapis.com',
  async read({gcloud}) {
    const metrics = await readJson(gcloud, schema, ['logging', 'metrics', 'list'])
    return metrics.map(({name, filter, labelExtractors, valueExtractor}) => ({
      kind: 'log-metric',
      name,
      fields: {
        filter,
        ...Object.fromEntries(Object.entries(labelExtractors).map(([label, from]) => [`label ${label}`, from])),
        ...(valueExtractor === '' ? {} : {value: valueExtractor}),
      },
    }))
  },
  create: resource => [commandFor('create', resource)],
  update: resource => [commandFor('update', resource)],
  remove: ({name}) => [{gcloud: ['logging', 'metrics', 'delete', name]}],
  isOurs: ({name}) => name.startsWith('cloudact_job_'),
}

function commandFor(verb: string, {name, payload}: Desired): Command {
  return {
    gcloud: ['logging', 'metrics', verb, name, `--config-from-file=${configFile}`],
    config: payload?.['config'] ?? '',
  }
}
