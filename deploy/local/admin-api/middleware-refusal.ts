import type {EmulatorResponse} from '../emulator/exchange.ts'
import {Refusal} from './refusal.ts'

/** What middleware answers: a body without `detail`, with whatever keys that middleware uses. */
export class MiddlewareRefusal extends Refusal {
  override readonly name = 'MiddlewareRefusal'
  readonly #body: (requestId: string) => Readonly<Record<string, unknown>>

  constructor(
    status: number,
    body: Readonly<Record<string, unknown>> | ((requestId: string) => Readonly<Record<string, unknown>>),
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(status, typeof body === 'function' ? 'middleware' : body, headers)
    this.#body = typeof body === 'function' ? body : () => body
  }

  override toResponse(requestId: string): EmulatorResponse {
    return {status: this.status, headers: this.headers, body: this.#body(requestId)}
  }
}

/** What an error that no route caught becomes, for example a row that the answer's model doesn't accept. */
export function unhandledError(): MiddlewareRefusal {
  return new MiddlewareRefusal(500, requestId => ({
    error: 'Internal server error',
    message: 'An unexpected error occurred. Please try again or contact support.',
    request_id: requestId,
  }))
}
