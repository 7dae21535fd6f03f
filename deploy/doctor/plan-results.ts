import {toShortId} from '../cloud/names/short-id.ts'
import type {Plan, Step} from '../cloud/plan/plan.ts'
import {type ResourceTypeName, resourceTypeNames} from '../cloud/resources/resource.ts'
import type {CheckResult} from './check-result.ts'

const titles: Readonly<Record<ResourceTypeName, string>> = {
  api: 'APIs',
  'service-account': 'service accounts',
  secret: 'secrets',
  ledger: 'run ledger',
  'dataset-access': 'dataset access',
  topic: 'topics',
  function: 'functions',
  subscription: 'subscriptions',
  binding: 'permissions',
  schedule: 'schedules',
  'log-metric': 'metrics',
  channel: 'notification channels',
  'alert-policy': 'alerts',
  dashboard: 'dashboard',
  'legacy-job': 'legacy jobs',
}

// Another release than this checkout's is no fault, and these variables come from the shell that deploys.
const harmless = /^(?:bundle|version|env DAYS_TO_KEEP)$/

/**
 * What a plan says about a project that should be up: a line for each resource type that is as declared, one for all of
 * a type that are missing, and one for each resource that differs, with a fix.
 */
export function resultsOf(plan: Plan, env: string): readonly CheckResult[] {
  const steps = plan.steps.filter(step => !isHarmless(step))
  const absent = [
    ...steps.flatMap(({id, action}) => (action === 'create' ? [{id, fix: `npm run deploy -- ${env}`}] : [])),
    ...plan.missing,
  ]
  const different = steps.filter(({action}) => action !== 'create')
  const fine = [...plan.kept, ...plan.steps.filter(isHarmless).map(({id}) => id)]
  return resourceTypeNames.flatMap((type): CheckResult[] => {
    const what = titles[type]
    const bad = [
      ...Map.groupBy(
        absent.filter(({id}) => typeOf(id) === type),
        ({fix}) => fix,
      ),
    ].map(([fix, things]): CheckResult => {
      const names = things.map(({id}) => nameOf(id)).join(', ')
      return {what, state: 'wrong', detail: `missing: ${names}`, fix}
    })
    const other = different.filter(step => step.type === type).map(step => toCheckResult(step, what, env))
    const good = fine.filter(id => typeOf(id) === type).length
    const ok: CheckResult[] = good === 0 ? [] : [{what, state: 'ok', detail: `${good} as declared`}]
    return [...ok, ...bad, ...other]
  })
}

function isHarmless({action, changes}: Step): boolean {
  return action === 'change' && changes.every(({field}) => harmless.test(field))
}

function toCheckResult({id, changes}: Step, what: string, env: string): CheckResult {
  const differs = changes.map(({field, from = 'none', to = 'none'}) => `${field} is ${from}, declared is ${to}`)
  return {what, state: 'wrong', detail: `${nameOf(id)}: ${differs.join('; ')}`, fix: `npm run deploy -- ${env}`}
}

function typeOf(id: string): ResourceTypeName | undefined {
  return resourceTypeNames.find(type => id.startsWith(`${type} `))
}

function nameOf(id: string): string {
  return toShortId(id.slice(id.indexOf(' ') + 1))
}
