import {randomUUID} from 'node:crypto'
import ky from 'ky'
import * as z from 'zod'
import {createAdminApi} from '../../lib/admin-api/admin-api.ts'
import {apiServiceUrlOf} from '../../lib/environment/environment.ts'
import {RejectedError} from '../../lib/errors/rejected-error.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import type {Log} from '../../lib/log/log.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import type {Check, CheckResult} from './check-result.ts'

const healthSchema = z.object({version: z.string().optional(), release: z.string().optional()})
const silent: Log = {debug() {}, info() {}, warn() {}, error() {}, child: () => silent}
const tryMilliseconds = 20_000

/**
 * Whether the admin API answers, and takes the root key. The key is tried only where the operator's shell has it: no
 * command of this project reads a secret's value.
 */
export function apiChecks(
  target: Pick<TargetEnvironment, 'projectId' | 'name'>,
  variables: Readonly<Record<string, string | undefined>>,
): readonly Check[] {
  const url = (variables['API_SERVICE_URL'] || apiServiceUrlOf(target.projectId))?.replace(/\/+$/, '')
  if (url === undefined) return []
  const rootKey = variables['CA_ROOT_API_KEY'] ?? ''
  return [
    {what: 'admin API', look: async signal => [await checkHealth(url, signal)]},
    {what: 'root key', look: async signal => [await tryRootKey(url, rootKey, signal)]},
  ]
}

export async function checkHealth(url: string, signal: AbortSignal): Promise<CheckResult> {
  const what = 'admin API'
  try {
    const api = ky.create({retry: 0, timeout: tryMilliseconds, throwHttpErrors: false, redirect: 'manual'})
    const response = await api.get(`${url}/health`, {signal})
    if (!response.ok) {
      await response.body?.cancel()
      return wrong(what, `${url} answers ${response.status}`, 'look at the API service before any job runs')
    }
    const {data} = healthSchema.safeParse(await response.json().catch(() => undefined))
    const release = data?.version ?? data?.release
    return {
      what,
      state: 'ok',
      detail: toPrintableLine(`${url}${release === undefined ? '' : `, release ${release}`}`, 200),
    }
  } catch (error) {
    signal.throwIfAborted()
    return wrong(
      what,
      `${url} does not answer: ${toMessageText(error)}`,
      'look at the API service, and at your network',
    )
  }
}

async function tryRootKey(url: string, rootKey: string, signal: AbortSignal): Promise<CheckResult> {
  const what = 'root key'
  if (rootKey === '') {
    return {
      what,
      state: 'notice',
      detail: 'not tried: this shell has no CA_ROOT_API_KEY',
      fix: 'set it for this command alone to have it tried by asking for the bootstrap status; it is never printed',
    }
  }
  const api = createAdminApi({
    baseUrl: url,
    rootKey,
    log: silent,
    signal,
    deadline: new Date(Date.now() + tryMilliseconds),
    now: () => new Date(),
    random: Math.random,
    newRequestId: randomUUID,
  })
  try {
    const {status} = await api.bootstrapStatus()
    return {what, state: 'ok', detail: `accepted; bootstrap status is ${status}`}
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof RejectedError)) throw error
    return wrong(what, toMessageText(error), 'put the right key into the secret as a new version, then deploy')
  }
}

function wrong(what: string, detail: string, fix: string): CheckResult {
  return {what, state: 'wrong', detail: toPrintableLine(detail, 300), fix}
}
