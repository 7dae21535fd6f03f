import type {Job} from '../../lib/job/job.ts'

/** What a staged function is given as secrets, and its counterparts expect. */
export const stagedSecrets = {CA_ROOT_API_KEY: 'k'.repeat(40), SUPABASE_ACCESS_TOKEN: `sbp_${'0'.repeat(40)}`}

/** A staged function's whole environment: what its job needs, and its counterparts on this machine. */
export function stagedEnv(job: Job, counterparts: Readonly<Record<string, string>>): Record<string, string> {
  return {
    FUNCTION_TARGET: job.functionName,
    GCP_PROJECT_ID: 'cloudact-local',
    ENVIRONMENT: 'staging',
    ...Object.fromEntries(job.secrets.map(name => [name, stagedSecrets[name]])),
    METADATA_SERVER_DETECTION: 'none',
    ...counterparts,
  }
}
