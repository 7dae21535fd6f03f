import type {GcloudError} from './gcloud-error.ts'

// What an operator needs, by the first word of the gcloud command. Source: IAM documentation, "Predefined roles".
const roles: Readonly<Record<string, string>> = {
  services: 'roles/serviceusage.serviceUsageAdmin',
  iam: 'roles/iam.serviceAccountAdmin',
  projects: 'roles/resourcemanager.projectIamAdmin',
  secrets: 'roles/secretmanager.admin',
  pubsub: 'roles/pubsub.admin',
  functions: 'roles/cloudfunctions.developer',
  run: 'roles/run.admin',
  scheduler: 'roles/cloudscheduler.admin',
  logging: 'roles/logging.configWriter',
  alpha: 'roles/monitoring.editor',
  beta: 'roles/monitoring.editor',
  monitoring: 'roles/monitoring.editor',
}

/** One sentence: what was refused, and what to do about it. */
export function describeRefusal(error: GcloudError, projectId: string): string {
  const api = /\b([a-z]+\.googleapis\.com)(?:\/overview|["'\]]|\s+has not been used)/.exec(error.refusal)?.[1]
  if (/SERVICE_DISABLED|has not been used in project|is not enabled on project/i.test(error.refusal)) {
    return `${error.message}. Fix: gcloud services enable ${api ?? '<the API>'} --project=${projectId}, wait a minute, then deploy again`
  }
  const agent = /service-\d+@gcp-sa-([a-z]+)\.iam\.gserviceaccount\.com/.exec(error.refusal)?.[1]
  if (error.mayBeNew && agent !== undefined) {
    return `${error.message}. Fix: gcloud beta services identity create --service=${agent}.googleapis.com --project=${projectId}, then deploy again`
  }
  if (error.kind === 'not permitted') return describeMissingPermission(error, projectId)
  if (!error.mayBeNew) return error.message
  return (
    `${error.message}. This deployment did not create it: check that it exists ` +
    `(gcloud iam service-accounts list --project=${projectId}), then deploy again`
  )
}

function describeMissingPermission({args, permission, account}: GcloudError, projectId: string): string {
  const subject = permission ?? `\`gcloud ${args.slice(0, 3).join(' ')}\``
  const actsAs = permission === 'iam.serviceAccounts.actAs' || permission === 'iam.serviceaccounts.actAs'
  const role = actsAs ? 'roles/iam.serviceAccountUser' : (roles[args[0] ?? ''] ?? 'roles/editor')
  return (
    `your account may not ${subject} in ${projectId}: have an owner run ` +
    `gcloud projects add-iam-policy-binding ${projectId} --member=${account ?? 'user:YOUR_ACCOUNT'} --role=${role}`
  )
}
