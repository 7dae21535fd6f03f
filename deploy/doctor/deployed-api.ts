import {apiServiceUrlOf} from '../../lib/environment/environment.ts'
import type {Job} from '../../lib/job/job.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import {isPublicHttps} from '../cloud/api-address.ts'
import type {Gcloud} from '../cloud/gcloud/gcloud.ts'
import {readFunctions} from '../cloud/resources/function.ts'
import {apiChecks} from './api-checks.ts'
import type {Check, CheckResult} from './check-result.ts'

const variable = 'API_SERVICE_URL'

/** Checks the admin API that the deployed functions call, whatever this shell names. */
export function deployedApiCheck(options: {
  readonly target: TargetEnvironment
  readonly jobs: readonly Job[]
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly gcloud: Gcloud
}): Check {
  const {target, jobs, variables, gcloud} = options
  return {
    what: 'admin API',
    async look(signal) {
      const usual = apiServiceUrlOf(target.projectId)
      const urls = new Set(await readDeployedUrls(gcloud, jobs, usual))
      // Nothing is deployed yet: what would be called.
      if (urls.size === 0 && usual !== undefined) urls.add(usual)
      const results = await Promise.all([...urls].map(url => checkUrl(url, target, variables, signal)))
      return [...results.flat(), ...contradictions([...urls], variables[variable], target.name)]
    },
  }
}

async function readDeployedUrls(gcloud: Gcloud, jobs: readonly Job[], usual: string | undefined): Promise<string[]> {
  const callers = jobs.filter(({secrets}) => secrets.includes('CA_ROOT_API_KEY')).map(job => job.functionName)
  const functions = await readFunctions(gcloud)
  return functions
    .filter(({name}) => callers.includes(name))
    .flatMap(({fields}) => fields[`env ${variable}`] ?? usual ?? [])
}

async function checkUrl(
  url: string,
  target: TargetEnvironment,
  variables: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  if (!isPublicHttps(url)) {
    const detail = `the functions call ${toPrintableLine(url, 200)}, which is not an https URL of a public host`
    return [{what: 'admin API', state: 'wrong', detail, fix: `${variable}=<its URL> npm run deploy -- ${target.name}`}]
  }
  const checks = apiChecks(target, {...variables, [variable]: url})
  return (await Promise.all(checks.map(({look}) => look(signal)))).flat()
}

function contradictions(urls: readonly string[], shell: string | undefined, env: string): CheckResult[] {
  const what = 'admin API'
  const several: CheckResult[] =
    urls.length < 2
      ? []
      : [
          {
            what,
            state: 'wrong',
            detail: `the functions call different APIs: ${urls.map(url => toPrintableLine(url, 200)).join(', ')}`,
            fix: `${variable}=<the right one> npm run deploy -- ${env}`,
          },
        ]
  const isShellDeployed = !shell || urls.includes(shell.replace(/\/+$/, ''))
  if (isShellDeployed) return several
  const detail = `this shell's ${variable} is not deployed, so it was not checked`
  return [...several, {what, state: 'notice', detail, fix: `unset it, or deploy it: npm run deploy -- ${env}`}]
}
