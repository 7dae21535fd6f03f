import * as z from 'zod'
import {region} from '../../catalogue/environments.ts'
import {readJson} from '../gcloud/read-json.ts'
import {accountPrefix} from './names.ts'
import type {Found} from './resource.ts'
import type {Kind} from './resource-type.ts'

/** What an account may be permitted something on. */
export type BindingTarget = 'project' | 'secret' | 'topic' | 'subscription' | 'service-account' | 'function'

const groups: Readonly<Record<BindingTarget, readonly string[]>> = {
  project: ['projects'],
  secret: ['secrets'],
  topic: ['pubsub', 'topics'],
  subscription: ['pubsub', 'subscriptions'],
  'service-account': ['iam', 'service-accounts'],
  // A function of the second generation is called through its Cloud Run service, which bears its name.
  function: ['run', 'services'],
}
const targetSchema = z.enum(['project', 'secret', 'topic', 'subscription', 'service-account', 'function'])
const policySchema = z.union([
  z.object({
    bindings: z
      .array(z.object({role: z.string(), members: z.array(z.string()).default([]), condition: z.unknown().optional()}))
      .default([]),
  }),
  // What gcloud prints for a policy without anything in it.
  z.array(z.never()).transform(() => ({bindings: []})),
])

type Binding = {
  readonly target: BindingTarget
  readonly on: string
  readonly role: string
  readonly member: string
}

/** The name of a permission, which says all of it. */
export function bindingName({target, on, role, member}: Binding): string {
  return `${role} on ${target} ${on} for ${member}`
}

export function parseBindingName(name: string): Binding {
  const match = /^(\S+) on (\S+) (\S+) for (\S+)$/.exec(name)
  const target = targetSchema.parse(match?.[2])
  return {target, on: match?.[3] ?? '', role: match?.[1] ?? '', member: match?.[4] ?? ''}
}

/** Who may do what: read a policy at a time, since gcloud has no list of them. */
export const binding: Kind = {
  name: 'binding',
  async read({gcloud, found}, desired) {
    const targets = new Map(
      desired.map(({name}) => {
        const {target, on} = parseBindingName(name)
        return [`${target} ${on}`, {target, on}] as const
      }),
    )
    const isThere = ({target, on}: Pick<Binding, 'target' | 'on'>) =>
      target === 'project' ||
      found.has(target === 'service-account' ? `service-account ${on.replace(/@.*/, '')}` : `${target} ${on}`)
    const policies = await Promise.all(
      [...targets.values()].filter(isThere).map(async ({target, on}): Promise<Found[]> => {
        const args = [...groups[target], 'get-iam-policy', on, ...placeOf(target)]
        const {bindings} = await readJson(gcloud, policySchema, args)
        return bindings
          .filter(({condition}) => condition === undefined)
          .flatMap(({role, members}) =>
            members.map(member => ({
              kind: 'binding',
              name: bindingName({target, on, role, member}),
              fields: {},
            })),
          )
      }),
    )
    return policies.flat()
  },
  create: ({name}) => [{gcloud: argsFor('add-iam-policy-binding', name)}],
  remove: ({name}) => [{gcloud: argsFor('remove-iam-policy-binding', name)}],
  isOurs({name}, projectId) {
    const {member} = parseBindingName(name)
    return (
      member.startsWith(`serviceAccount:${accountPrefix}`) && member.endsWith(`@${projectId}.iam.gserviceaccount.com`)
    )
  },
  lock({name}) {
    const {target, on} = parseBindingName(name)
    return `policy of ${target} ${on}`
  },
}

function argsFor(verb: string, name: string): string[] {
  const {target, on, role, member} = parseBindingName(name)
  // Without it, gcloud asks as soon as the project's policy has a condition somewhere.
  const condition = target === 'project' ? ['--condition=None'] : []
  return [...groups[target], verb, on, `--member=${member}`, `--role=${role}`, ...condition, ...placeOf(target)]
}

function placeOf(target: BindingTarget): string[] {
  return target === 'function' ? [`--region=${region}`] : []
}
