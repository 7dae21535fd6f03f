import type {SecretName} from '../../../lib/environment/environment.ts'
import type {TargetEnvironment} from '../../catalogue/environments.ts'

/** Which secret of Secret Manager a job's secret is, by environment. */
export function secretId(name: SecretName, {environment}: TargetEnvironment): string {
  const isProduction = environment === 'production'
  return name === 'CA_ROOT_API_KEY'
    ? `ca-root-api-key-${isProduction ? 'prod' : 'test'}`
    : `supabase-access-token-${isProduction ? 'prod' : 'stage'}`
}
