import {createHash} from 'node:crypto'
import type {JobName} from '../../../lib/job/job-name.ts'

/** Every service account of this project begins with it, so that one that is no longer declared is recognised. */
export const accountPrefix = 'job-'
/** By which Pub/Sub calls the functions. */
export const pushAccount = `${accountPrefix}push`

/** By which functions are built. */
export const buildAccount = `${accountPrefix}build`

/** A function's own service account: 6 to 30 characters, lower case. Source: IAM, "Create service accounts". */
export function accountNameOf({functionName}: Pick<JobName, 'functionName'>): string {
  const name = `${accountPrefix}${functionName.replace(/^cloudact-/, '')}`
  if (name.length <= 30) return name
  // Two long names may begin alike.
  return `${name.slice(0, 23)}-${createHash('sha256').update(functionName).digest('hex').slice(0, 6)}`
}

export function accountEmail(accountName: string, projectId: string): string {
  return `${accountName}@${projectId}.iam.gserviceaccount.com`
}

/** Google's own account that moves messages. */
export function pubSubAgent(projectNumber: string): string {
  return `service-${projectNumber}@gcp-sa-pubsub.iam.gserviceaccount.com`
}

/** A label's value may hold lower case, digits, `-` and `_` only: `1.0.0` → `1-0-0`. */
export function toLabel(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '-')
    .slice(0, 63)
}
