import * as z from 'zod'
import {region} from '../../catalogue/environments.ts'
import {readJson} from '../gcloud/read-json.ts'
import {accountPrefix} from '../names/names.ts'
import type {ActualState} from './resource.ts'
import type {ResourceType} from './resource-type.ts'
import type {BindingSpec, BindingTarget} from './specs.ts'

const groups: Readonly<Record<BindingTarget, readonly string[]>> = {
  project: ['projects'],
  secret: ['secrets'],
  topic: ['pubsub', 'topics'],
  subscription: ['pubsub', 'subscriptions'],
  'service-account': ['iam', 'service-accounts'],
  // A function of the second generation is called through its Cloud Run service, which has its name.
  function: ['run', 'services'],
}
const policySchema = z.union([
  z.object({
    bindings: z
      .array(z.object({role: z.string(), members: z.array(z.string()).default([]), condition: z.unknown().optional()}))
      .default([]),
  }),
  // What gcloud prints for a policy without anything in it.
  z.array(z.never()).transform(() => ({bindings: []})),
])

/** The name of a binding, which says all of it. */
export function bindingName({target, on, role, member}: BindingSpec): string {
  return `${role} on ${target} ${on} for ${member}`
}

/** Who may do what: read one policy at a time, since gcloud has no list of them. */
export const binding: ResourceType<'binding'> = {
  name: 'binding',
  async read({gcloud, actual}, desired) {
    const targets = new Map(desired.map(({spec}) => [`${spec.target} ${spec.on}`, spec] as const))
    const exists = ({target, on}: BindingSpec) =>
      target === 'project' ||
      actual.has(target === 'service-account' ? `service-account ${on.replace(/@.*/, '')}` : `${target} ${on}`)
    const policies = await Promise.all(
      [...targets.values()].filter(exists).map(async ({target, on}): Promise<ActualState<'binding'>[]> => {
        const args = [...groups[target], 'get-iam-policy', on, ...placeOf(target)]
        const {bindings} = await readJson(gcloud, policySchema, args)
        return bindings
          .filter(({condition}) => condition === undefined)
          .flatMap(({role, members}) =>
            members.map(member => {
              const spec = {target, on, role, member}
              return {type: 'binding' as const, name: bindingName(spec), fields: {}, spec}
            }),
          )
      }),
    )
    return policies.flat()
  },
  create: ({spec}) => [{gcloud: argsFor('add-iam-policy-binding', spec)}],
  remove: ({spec}) => [{gcloud: argsFor('remove-iam-policy-binding', spec)}],
  isOurs: ({spec: {member}}, projectId) =>
    member.startsWith(`serviceAccount:${accountPrefix}`) && member.endsWith(`@${projectId}.iam.gserviceaccount.com`),
  lock: ({spec: {target, on}}) => `policy of ${target} ${on}`,
}

function argsFor(verb: string, {target, on, role, member}: BindingSpec): string[] {
  // Without it, gcloud asks as soon as the project's policy has a condition somewhere.
  const condition = target === 'project' ? ['--condition=None'] : []
  return [...groups[target], verb, on, `--member=${member}`, `--role=${role}`, ...condition, ...placeOf(target)]
}

function placeOf(target: BindingTarget): string[] {
  return target === 'function' ? [`--region=${region}`] : []
}
