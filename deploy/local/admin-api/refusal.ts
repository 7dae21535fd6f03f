import type {EmulatorResponse} from '../emulator/exchange.ts'

/** An answer other than 200, thrown from wherever the service finds out; `detail` is FastAPI's. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly response: EmulatorResponse

  constructor(status: number, detail: unknown, headers: Readonly<Record<string, string>> = {}) {
    super(`${status} ${JSON.stringify(detail)}`)
    this.response = {status, headers, body: {detail}}
  }
}
