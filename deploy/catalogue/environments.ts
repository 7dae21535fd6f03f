import {ConfigurationError} from '../../lib/errors/configuration-error.ts'
import {UsageError} from '../cli/usage-error.ts'

export const environmentNames = ['test', 'stage', 'prod', 'local'] as const
export type EnvironmentName = (typeof environmentNames)[number]

/** Whether a word is the name of an environment. */
export function isEnvironmentName(word: string): word is EnvironmentName {
  return environmentNames.some(name => name === word)
}

/** Where a command acts. */
export type TargetEnvironment = {
  readonly name: EnvironmentName
  readonly projectId: string
  readonly environment: 'staging' | 'production'
  /** Whether a person has to say yes before something runs there. */
  readonly needsConfirmation: boolean
}

const environments: Readonly<Record<EnvironmentName, Omit<TargetEnvironment, 'name'>>> = {
  test: {projectId: 'cloudact-testing-1', environment: 'staging', needsConfirmation: false},
  stage: {projectId: 'cloudact-testing-1', environment: 'staging', needsConfirmation: false},
  prod: {projectId: 'cloudact-prod', environment: 'production', needsConfirmation: true},
  local: {projectId: 'cloudact-local', environment: 'staging', needsConfirmation: false},
}

/** Region of everything that is deployed. */
export const region = 'us-central1'

/**
 * @param variables GCP_PROJECT_ID and ENVIRONMENT are not needed, but must not contradict the name.
 * @throws UsageError for a name that is none.
 * @throws ConfigurationError if the shell is set up for another environment.
 */
export function parseEnvironmentName(
  name: string,
  variables: Readonly<Record<string, string | undefined>>,
): TargetEnvironment {
  const known = environmentNames.find(candidate => candidate === name)
  if (known === undefined) {
    throw new UsageError(`there is no environment "${name}": it is one of ${environmentNames.join(', ')}`)
  }
  const target = {name: known, ...environments[known]}
  const problems: string[] = []
  for (const [variable, value] of [
    ['GCP_PROJECT_ID', target.projectId],
    ['ENVIRONMENT', target.environment],
  ] as const) {
    const set = variables[variable]
    if (set !== undefined && set !== '' && set !== value && known !== 'local') {
      problems.push(`${variable} in this shell contradicts ${name} (${value}): unset it, or name the other environment`)
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  return target
}

/** The name to give a command that acts there: `test` and `stage` are one deployment, and texts that it keeps use one of them. */
export function commandNameOf({environment}: Pick<TargetEnvironment, 'environment'>): EnvironmentName {
  return environment === 'production' ? 'prod' : 'stage'
}
