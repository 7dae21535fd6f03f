import * as z from 'zod'
import {readJson} from '../gcloud/read-json.ts'
import type {Kind} from './resource-type.ts'

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
            .object({query: z.string(), duration: z.string().default('0s')})
            .optional(),
        }),
      )
      .default([]),
  }),
)

export const alertPolicy: Kind = {
  name: 'alert-policy',
  api: 'monitoring.googleapis.com',
  async read({gcloud, found}, desired) {
    const policies = await readJson(gcloud, schema, ['alpha', 'monitoring', 'policies', 'list'])
    const channels = new Map(
      [...found.values()].filter(({kind}) => kind === 'channel').map(({handle, name}) => [handle, name]),
    )
    return policies.map(policy => {
      const query = policy.conditions[0]?.conditionPrometheusQueryLanguage
      const declared = desired.find(({name}) => name === policy.displayName)
      const tells = policy.notificationChannels.map(channel => channels.get(channel) ?? channel).sort()
      return {
        kind: 'alert-policy',
        name: policy.displayName,
        handle: policy.name,
        fields: {
          when: query?.query ?? 'something else',
          'lasting for': query?.duration ?? '',
          says: policy.documentation.content,
          // Whoever sets no address leaves alone what somebody else has set.
          ...(declared?.fields['tells'] === undefined && declared !== undefined ? {} : {tells: tells.join(', ')}),
          ...(policy.enabled ? {} : {state: 'disabled'}),
        },
      }
    })
  },
  create: ({payload}) => [{gcloud: ['alpha', 'monitoring', 'policies', 'create', `--policy=${payload?.['config']}`]}],
  update: ({payload}, _, {handle}) => [
    {gcloud: ['alpha', 'monitoring', 'policies', 'update', handle ?? '', `--policy=${payload?.['config']}`]},
  ],
  remove: ({handle}) => [{gcloud: ['alpha', 'monitoring', 'policies', 'delete', handle ?? '']}],
  isOurs: ({name}) => name.startsWith(alertTitle),
}
