import * as z from 'zod'
import {readJson} from '../gcloud/read-json.ts'
import type {Argument} from './command.ts'
import type {ResourceType} from './resource-type.ts'
import type {AlertPolicySpec} from './specs.ts'

/** Every alert of this project begins with it. */
export const alertTitle = 'CloudAct jobs: '

const schema = z.array(
  z.object({
    name: z.string(),
    displayName: z.string(),
    enabled: z.boolean().default(true),
    documentation: z.object({content: z.string().default('')}).default({content: ''}),
    notificationChannels: z.array(z.string()).default([]),
    conditions: z
      .array(
        z.object({
          conditionPrometheusQueryLanguage: z
            .object({
              query: z.string(),
              duration: z.string().default('0s'),
              evaluationInterval: z.string().default('30s'),
            })
            .optional(),
        }),
      )
      .default([]),
  }),
)

/** Alerts. How long a new one stays quiet is decided once, when it is created, and kept by later changes. */
export const alertPolicy: ResourceType<'alert-policy'> = {
  name: 'alert-policy',
  api: 'monitoring.googleapis.com',
  async read({gcloud, actual}, desired) {
    const policies = await readJson(gcloud, schema, ['alpha', 'monitoring', 'policies', 'list'])
    const channels = new Map(
      [...actual.values()].flatMap(({type, address, name}) => (type === 'channel' ? [[address, name] as const] : [])),
    )
    return policies.map(policy => {
      const condition = policy.conditions[0]?.conditionPrometheusQueryLanguage
      const declared = desired.find(({name}) => name === policy.displayName)
      const notifies = policy.notificationChannels.map(channel => channels.get(channel) ?? channel).sort()
      const {query, quietUntil} = splitQuery(condition?.query ?? 'something else')
      return {
        type: 'alert-policy',
        name: policy.displayName,
        address: policy.name,
        spec: {quietUntil},
        fields: {
          when: query,
          'lasting for': condition?.duration ?? '',
          'evaluated every': condition?.evaluationInterval ?? '',
          documentation: policy.documentation.content,
          // Without an address in the shell, the channels that somebody has set stay.
          ...(declared?.fields['notifies'] === undefined && declared !== undefined
            ? {}
            : {notifies: notifies.join(', ')}),
          ...(policy.enabled ? {} : {state: 'disabled'}),
        },
      }
    })
  },
  create: ({spec}) => [{gcloud: ['alpha', 'monitoring', 'policies', 'create', policyFlag(spec)]}],
  update: ({spec}, _, {address, spec: {quietUntil}}) => [
    {
      gcloud: [
        'alpha',
        'monitoring',
        'policies',
        'update',
        address ?? '',
        policyFlag({...spec, quietUntil: quietUntil ?? spec.quietUntil}),
      ],
    },
  ],
  remove: ({address}) => [{gcloud: ['alpha', 'monitoring', 'policies', 'delete', address ?? '']}],
  isOurs: ({name}) => name.startsWith(alertTitle),
}

function policyFlag({config, query, duration, evaluationInterval, quietUntil}: AlertPolicySpec): Argument {
  const condition = {
    query: quietUntil === undefined ? query : joinQuery(query, quietUntil),
    duration,
    evaluationInterval,
    // Metrics have no data before the first run, and a condition on an unknown metric is refused otherwise.
    disableMetricValidation: true,
  }
  const conditions = [{displayName: config['displayName'], conditionPrometheusQueryLanguage: condition}]
  return {flag: 'policy', json: {...config, conditions}}
}

/** `and on()` joins without comparing labels. Source: Prometheus, "Logical/set binary operators". */
function joinQuery(query: string, quietUntil: number): string {
  return `(${query}) and on() (vector(time()) > ${quietUntil})`
}

function splitQuery(text: string): {query: string; quietUntil: number | undefined} {
  const match = /^\((.*)\) and on\(\) \(vector\(time\(\)\) > (\d+)\)$/s.exec(text)
  return match === null ? {query: text, quietUntil: undefined} : {query: match[1] ?? '', quietUntil: Number(match[2])}
}
