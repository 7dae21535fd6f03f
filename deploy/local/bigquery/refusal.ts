import type {EmulatorResponse} from '../emulator/exchange.ts'

/** A request that BigQuery refuses, with its status and its own word for why. */
export class BigQueryRefusal extends Error {
  override readonly name = 'BigQueryRefusal'
  readonly status: number
  readonly reason: string

  constructor(status: number, reason: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.status = status
    this.reason = reason
  }
}

/** BigQuery's error body. Source: BigQuery documentation, "Error messages". */
export function toErrorResponse({status, reason, message}: BigQueryRefusal): EmulatorResponse {
  const errors = [{message, domain: 'global', reason}]
  return {status, body: {error: {code: status, message, errors, status: reason}}}
}

export function unsupported(what: string): BigQueryRefusal {
  return new BigQueryRefusal(
    400,
    'invalidQuery',
    `the sandbox's BigQuery does not know ${what}: it takes SELECT (and WITH), INSERT … VALUES and DELETE`,
  )
}
