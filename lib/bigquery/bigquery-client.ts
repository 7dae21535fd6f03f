import {BigQuery} from '@google-cloud/bigquery'
import {PassThroughClient} from 'google-auth-library'

/** @param options.url BigQuery on this machine; absent: Google's, with the function's own service account. */
export function createBigQuery(options: {projectId: string; url?: string | undefined}): BigQuery {
  const {projectId, url} = options
  // retryOptions: the client's own total of 600 s would outlive the job; delivery has its own retries.
  // timeout: without it, a request that is accepted and never answered waits for ever. BigQuery itself answers after
  // 10 s that a statement isn't done yet.
  const retry = {timeout: 14_000, retryOptions: {autoRetry: true, maxRetries: 3, totalTimeout: 30}}
  if (url === undefined) return new BigQuery({projectId, ...retry})
  return new BigQuery({projectId, ...retry, apiEndpoint: url, authClient: new PassThroughClient()})
}
