import * as z from 'zod'
import type {RecordedRequest} from '../support/gcloud-recorder.ts'
import type {CloudAnswer, CloudState} from '../support/gcloud-recorder-state.ts'

const policySchema = z.object({
  policy: z.object({bindings: z.array(z.object({members: z.array(z.string())})).default([])}),
})
const functionSchema = z.object({
  serviceConfig: z.object({serviceAccountEmail: z.string()}),
  buildConfig: z.object({serviceAccount: z.string().default('')}),
})
const subscriptionSchema = z.object({topic: z.string(), filter: z.string().default('')})
const alertSchema = z.object({
  conditions: z.array(
    z.object({
      conditionPrometheusQueryLanguage: z.object({
        query: z.string(),
        evaluationInterval: z.string(),
        disableMetricValidation: z.boolean().default(false),
      }),
    }),
  ),
})

const refuse = (code: number, status: string, message: string): CloudAnswer => ({
  status: code,
  body: {error: {code, status, message, errors: [{reason: status, message}]}},
})

/**
 * What Google refuses of a first deployment, from its documents: what was just made isn't known everywhere yet, and some
 * requests are wrong for good. Each refusal that passes is counted, so that a rehearsal that meets none is noticed.
 */
export function createGoogleHabits(state: CloudState) {
  const counts = new Map<string, number>()
  const datasetUpdates: number[] = []
  /** Whether something isn't known yet: for the first so many times that it is named. */
  const isNew = (name: string, times = 1) => {
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return count <= times
  }
  const accountPath = (email: string) => `v1/projects/${state.projectId}/serviceAccounts/${email}`

  const ofPolicy = (body: unknown): CloudAnswer | undefined => {
    const members = policySchema.parse(body).policy.bindings.flatMap(binding => binding.members)
    const young = members.find(member => /:job-/.test(member) && isNew(`policy ${member}`, 2))
    if (young === undefined) return undefined
    return refuse(400, 'INVALID_ARGUMENT', `Service account ${young.replace(/^.*:/, '')} does not exist.`)
  }
  const ofFunction = (body: unknown): CloudAnswer | undefined => {
    const {serviceConfig, buildConfig} = functionSchema.parse(body)
    const builder = buildConfig.serviceAccount.replace(/^.*\//, '')
    // A project of today has no default account that could build.
    if (!state.documents.has(accountPath(builder)))
      return refuse(400, 'FAILED_PRECONDITION', 'Build failed: no permissions')
    const account = serviceConfig.serviceAccountEmail
    if (isNew(`actAs ${account}`)) {
      const permission = `Permission 'iam.serviceaccounts.actAs' denied on service account ${account} (or it may not exist).`
      return refuse(403, 'PERMISSION_DENIED', permission)
    }
    if (!isNew('gcf-artifacts')) return undefined
    const repository = `projects/${state.projectId}/locations/us-central1/repositories/gcf-artifacts`
    return refuse(403, 'PERMISSION_DENIED', `Unable to retrieve the repository metadata for ${repository}.`)
  }
  const ofSubscription = (body: unknown): CloudAnswer | undefined => {
    const {topic, filter} = subscriptionSchema.parse(body)
    if (Buffer.byteLength(filter) > 256) return refuse(400, 'INVALID_ARGUMENT', 'The filter is too long.')
    const id = topic.replace(/^.*\//, '')
    return isNew(`topic ${id}`) ? refuse(404, 'NOT_FOUND', `Resource not found (resource=${id}).`) : undefined
  }
  const ofAlert = (body: unknown): CloudAnswer | undefined => {
    for (const {conditionPrometheusQueryLanguage: condition} of alertSchema.parse(body).conditions) {
      const {query, evaluationInterval, disableMetricValidation} = condition
      if (!disableMetricValidation) return refuse(404, 'NOT_FOUND', 'Cannot find metric(s) that match type')
      const isAmbiguous = /user_\w+(?!\w|\{[^}]*monitored_resource=)/.test(query)
      if (isAmbiguous)
        return refuse(400, 'INVALID_ARGUMENT', 'metric is associated with several monitored resource types')
      const hours = Number(/\[(\d+)h\]/.exec(query)?.[1] ?? 0)
      const least = hours <= 25 ? 30 : hours <= 192 ? 300 : hours <= 384 ? 3600 : 7200
      if (Number.parseInt(evaluationInterval, 10) < least) return refuse(400, 'INVALID_ARGUMENT', 'evaluation interval')
    }
    return undefined
  }
  const ofDataset = (): CloudAnswer | undefined => {
    const now = Date.now()
    datasetUpdates.push(now)
    // At most five in ten seconds. Source: BigQuery, "Dataset quotas".
    if (datasetUpdates.filter(at => at > now - 10_000).length > 5)
      return refuse(403, 'rateLimitExceeded', 'Exceeded rate limits')
    if (!isNew('dataset access')) return undefined
    const email = `job-daily-alerts@${state.projectId}.iam.gserviceaccount.com`
    return refuse(400, 'invalid', `IAM setPolicy failed: User ${email} does not exist.`)
  }
  return {
    /** How many times something was refused that passes. */
    counts,
    datasetUpdates,
    refuse({method, path, body}: RecordedRequest): CloudAnswer | undefined {
      if (path.endsWith(':setIamPolicy')) return ofPolicy(body)
      if (method === 'POST' && path.endsWith('/functions')) return ofFunction(body)
      if (method === 'PUT' && path.includes('/subscriptions/')) return ofSubscription(body)
      if (method === 'POST' && path.endsWith('/alertPolicies')) return ofAlert(body)
      if (method === 'PATCH' && /^bigquery\/.*\/datasets\/[^/]+$/.test(path)) return ofDataset()
      return undefined
    },
  }
}
