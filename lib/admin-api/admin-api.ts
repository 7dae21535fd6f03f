import {createHttpService, type HttpServiceOptions} from '../http/http-service.ts'
import {createToApiError} from './api-refusal.ts'
import {createOperations} from './find-operations.ts'

/**
 * CloudAct's admin API, the part that jobs call; each `*-operations.ts` beside this file adds its own methods. Every
 * method throws UnavailableError (may pass), RejectedError (the API said no), ContractError (an answer that the contract
 * doesn't know) or InterruptedError (the job's signal fired).
 */
// biome-ignore lint/suspicious/noEmptyInterface: extended by the operations' own files.
export interface AdminApi {}

/** Spaced so that an outage of a minute or so is sat out within one attempt. */
const backoff = {retries: 6, firstDelaySeconds: 0.5, maxDelaySeconds: 30}

/**
 * A client of the admin API.
 *
 * @param options.rootKey sent with every request, in a header of its own.
 */
export function createAdminApi(
  options: Omit<HttpServiceOptions, 'name' | 'headers' | 'toError' | 'backoff'> & {rootKey: string},
): AdminApi {
  const {rootKey, ...rest} = options
  const call = createHttpService({
    ...rest,
    name: 'the admin API',
    headers: {'x-ca-root-key': rootKey},
    toError: createToApiError(options.now),
    backoff,
  })
  const api: Record<string, unknown> = {}
  for (const create of createOperations) {
    for (const [name, method] of Object.entries(create(call, rest))) {
      if (Object.hasOwn(api, name)) throw new Error(`two files of lib/admin-api/ define the operation ${name}`)
      api[name] = method
    }
  }
  return toAdminApi(api)
}

/** Each file vouches for its own methods: what it returns is checked there against the type that it adds. */
function toAdminApi(api: object): AdminApi {
  return api as AdminApi
}
