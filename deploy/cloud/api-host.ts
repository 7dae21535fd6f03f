import {apiServiceUrlOf} from '../../lib/environment/environment.ts'
import type {Plan, Step} from './plan/plan.ts'

const field = 'env API_SERVICE_URL'

/**
 * The host to which a plan would send the root key for the first time. A person confirms it by typing it.
 *
 * @returns undefined where every function goes on calling the host that it calls now.
 */
export function newApiHost(plan: Plan, projectId: string): string | undefined {
  const usual = apiServiceUrlOf(projectId)
  return plan.steps.flatMap(step => hostOf(step, usual) ?? [])[0]
}

function hostOf({type, action, changes}: Step, usual: string | undefined): string | undefined {
  if (type !== 'function' || action === 'remove') return undefined
  const change = changes.find(change => change.field === field)
  if (change?.to === undefined) return undefined
  const to = new URL(change.to).host
  const from = change.from ?? usual
  return from !== undefined && URL.parse(from)?.host === to ? undefined : to
}
