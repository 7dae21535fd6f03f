import {createHttpService, type HttpServiceOptions} from '../http/http-service.ts'
import {type AlertOperations, createAlertOperations} from './alert-operations.ts'
import {toApiError} from './api-refusal.ts'
import {type BootstrapOperations, createBootstrapOperations} from './bootstrap-operations.ts'
import {createOrganizationOperations, type OrganizationOperations} from './organization-operations.ts'
import {createQuotaOperations, type QuotaOperations} from './quota-operations.ts'

/**
 * CloudAct's admin API, the part that jobs call. Every method throws UnavailableError (may pass), RejectedError (the API
 * said no), ContractError (an answer that the contract doesn't know) or InterruptedError (the job's signal fired).
 */
export type AdminApi = BootstrapOperations & OrganizationOperations & QuotaOperations & AlertOperations

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
    toError: toApiError,
    backoff,
  })
  return {
    ...createBootstrapOperations(call),
    ...createOrganizationOperations(call),
    ...createQuotaOperations(call, rest),
    ...createAlertOperations(call),
  }
}
