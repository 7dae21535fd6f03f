import {accountPrefix} from './names.ts'

const ownAccount = new RegExp(
  `(?:serviceAccount:)?(${accountPrefix}[a-z0-9-]+)@[a-z0-9-]+\\.iam\\.gserviceaccount\\.com`,
  'g',
)
const agent = /serviceAccount:service-\d+@gcp-sa-pubsub\.iam\.gserviceaccount\.com/g

/**
 * A resource's id as it fits on a line. Accounts of another project never come here: types list none but this project's.
 *
 * `binding roles/run.invoker on function f for serviceAccount:job-push@p.iam.gserviceaccount.com` → `… for job-push`
 */
export function toShortId(id: string): string {
  return id.replace(ownAccount, '$1').replace(agent, "Pub/Sub's own account")
}
