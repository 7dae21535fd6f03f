import * as z from 'zod'
import {readJson} from '../gcloud/read-json.ts'
import type {Command} from './command.ts'
import type {DesiredState} from './resource.ts'
import type {ResourceType} from './resource-type.ts'

const schema = z.array(
  z.object({
    name: z.string(),
    filter: z.string().default(''),
    labelExtractors: z.record(z.string(), z.string()).default({}),
    valueExtractor: z.string().default(''),
  }),
)

/** Metrics that Cloud Logging counts from the functions' own log lines. */
export const logMetric: ResourceType<'log-metric'> = {
  name: 'log-metric',
  api: 'logging.googleapis.com',
  async read({gcloud}) {
    const metrics = await readJson(gcloud, schema, ['logging', 'metrics', 'list'])
    return metrics.map(({name, filter, labelExtractors, valueExtractor}) => ({
      type: 'log-metric',
      name,
      fields: {
        filter,
        ...Object.fromEntries(Object.entries(labelExtractors).map(([label, from]) => [`label ${label}`, from])),
        ...(valueExtractor === '' ? {} : {value: valueExtractor}),
      },
    }))
  },
  create: desired => [commandFor('create', desired)],
  update: desired => [commandFor('update', desired)],
  remove: ({name}) => [{gcloud: ['logging', 'metrics', 'delete', name]}],
  isOurs: ({name}) => name.startsWith('cloudact_job_'),
}

function commandFor(verb: string, {name, spec}: DesiredState<'log-metric'>): Command {
  return {gcloud: ['logging', 'metrics', verb, name, {flag: 'config-from-file', file: spec.config}]}
}
