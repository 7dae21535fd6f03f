import type {Job} from '../../lib/job/job.ts'
import {createControlClient} from '../local/control/client.ts'
import {credentialsSchema, functionsSchema, type SandboxFault, type TriedCredential} from '../local/control/protocol.ts'
import type {SandboxAddresses} from '../local/sandbox-file.ts'
import {checkHealth} from './api-checks.ts'
import type {CheckResult} from './check-result.ts'
import {withFaultFix} from './fault-checks.ts'

const apiVariable = 'API_SERVICE_URL'
/** The sandbox tries them for 30 s at most. */
const credentialsMilliseconds = 40_000
const restart = 'end the sandbox and start it again'

/** Whether the sandbox serves what is declared now, and its functions can start with what they were given. */
export async function checkFunctions(
  sandbox: SandboxAddresses,
  {jobs, shell}: {readonly jobs: readonly Job[]; readonly shell: string | undefined},
): Promise<readonly CheckResult[]> {
  const {functionNames, given, problems, apiServiceUrl} = await createControlClient(sandbox).get(
    'functions',
    functionsSchema,
  )
  const missing = jobs.filter(({functionName}) => !functionNames.includes(functionName))
  const retired = functionNames.filter(name => !jobs.some(({functionName}) => functionName === name))
  const what = 'functions'
  const results: CheckResult[] = [
    ...missing.map(
      ({name}): CheckResult => ({
        what,
        state: 'wrong',
        detail: `${name} is declared, but not served`,
        fix: `${restart}: it serves what functions/ declares when it starts`,
      }),
    ),
    ...retired.map(
      (name): CheckResult => ({
        what,
        state: 'notice',
        detail: `${name} is served, but no longer declared`,
        fix: restart,
      }),
    ),
  ]
  if (results.length === 0) results.push({what, state: 'ok', detail: `${jobs.length} declared and served`})
  if (given.length > 0) {
    results.push({what: 'variables', state: 'notice', detail: `the functions have, by --env: ${given.join(', ')}`})
  }
  if (problems.length > 0) {
    const fix = `${restart} with other values for --env`
    results.push({what: 'configuration', state: 'wrong', detail: problems.join('; '), fix})
  }
  if (shell && withoutSlash(shell) !== withoutSlash(apiServiceUrl)) {
    const detail = `this shell's ${apiVariable} is not what the functions have, so it was not checked`
    const fix = `unset it, or give it to them: npm run local -- --env ${apiVariable}=…`
    results.push({what: 'admin API', state: 'notice', detail, fix})
  }
  return results
}

/**
 * Whether the API that the functions call answers, and the functions' own secrets are accepted. The sandbox tries them, so
 * that no value leaves it.
 */
export async function checkApi(
  sandbox: SandboxAddresses,
  faults: readonly SandboxFault[],
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const control = createControlClient(sandbox)
  const {apiServiceUrl, given} = await control.get('functions', functionsSchema)
  const [health, {rootKey, supabaseToken}] = await Promise.all([
    checkHealth(withoutSlash(apiServiceUrl), signal),
    control.get('functions/credentials', credentialsSchema, credentialsMilliseconds),
  ])
  const withoutUrl = given.includes(apiVariable) ? `, without --env ${apiVariable} or with the right one` : ''
  // The sandbox's faults meet no service that --env names.
  const explain = (result: CheckResult, service: 'api' | 'supabase', urlVariable: string) =>
    given.includes(urlVariable) ? result : withFaultFix(result, faults, service)
  const ofToken = explain(
    toResult('Supabase token', supabaseToken, 'SUPABASE_ACCESS_TOKEN'),
    'supabase',
    'SUPABASE_API_URL',
  )
  // Without an answer nothing is known of the key.
  if (health.state !== 'ok') return [explain({...health, fix: `${restart}${withoutUrl}`}, 'api', apiVariable), ofToken]
  return [health, explain(toResult('root key', rootKey, 'CA_ROOT_API_KEY'), 'api', apiVariable), ofToken]
}

function toResult(what: string, {state, detail}: TriedCredential, variable: string): CheckResult {
  if (state === 'accepted') return {what, state: 'ok', detail}
  if (state === 'unknown') return {what, state: 'unknown', detail}
  return {what, state: 'wrong', detail, fix: `${restart}, without --env ${variable} or with the right one`}
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}
