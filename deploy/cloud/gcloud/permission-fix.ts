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

/** One sentence: what is not permitted, and the command by which an owner of the project mends it. */
export function describeMissingPermission({args, permission, account}: GcloudError, projectId: string): string {
  const what = permission ?? `\`gcloud ${args.slice(0, 3).join(' ')}\``
  const actsAs = permission === 'iam.serviceAccounts.actAs' || permission === 'iam.serviceaccounts.actAs'
  const role = actsAs ? 'roles/iam.serviceAccountUser' : (roles[args[0] ?? ''] ?? 'roles/editor')
  return (
    `your account may not ${what} in ${projectId}: have an owner run ` +
    `gcloud projects add-iam-policy-binding ${projectId} --member=${account ?? 'user:YOUR_ACCOUNT'} --role=${role}`
  )
}
