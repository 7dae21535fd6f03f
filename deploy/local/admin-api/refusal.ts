import type {EmulatorResponse} from '../emulator/exchange.ts'

/** An answer other than 200, thrown from wherever the service finds out; `detail` is FastAPI's. */
export class Refusal extends Error {
  override readonly name: string = 'Refusal'
  readonly status: number
  readonly detail: unknown
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, detail: unknown, headers: Readonly<Record<string, string>> = {}) {
    super(`${status} ${JSON.stringify(detail)}`)
    this.status = status
    this.detail = detail
    this.headers = headers
  }

  /** The service's own handler puts the request's id beside `detail`. */
  toResponse(requestId: string): EmulatorResponse {
    return {status: this.status, headers: this.headers, body: {detail: this.detail, request_id: requestId}}
  }
}
