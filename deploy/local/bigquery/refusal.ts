import type {EmulatorResponse} from '../emulator/exchange.ts'

/** Where something stands in a statement, counted from 1. */
export type Position = {readonly line: number; readonly column: number}

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

/** A statement that BigQuery refuses, in BigQuery's words: `Syntax error: Unexpected keyword AT at [1:8]`. */
export function invalidQuery(message: string, position?: Position, options?: ErrorOptions): BigQueryRefusal {
  const place = position === undefined ? '' : ` at [${position.line}:${position.column}]`
  return new BigQueryRefusal(400, 'invalidQuery', `${message}${place}`, options)
}

/** What BigQuery may well accept and this emulator doesn't: it is stricter than the service, never laxer. */
export function unsupported(construct: string, position?: Position): BigQueryRefusal {
  const place = position === undefined ? '' : ` at [${position.line}:${position.column}]`
  return invalidQuery(
    `the sandbox's BigQuery doesn't support ${construct}${place}: it takes SELECT from one table, INSERT … VALUES and DELETE`,
  )
}
