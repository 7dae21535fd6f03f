import type {EmulatorResponse} from '../emulator/exchange.ts'
import {Refusal} from './refusal.ts'

/** What FastAPI itself refuses (unknown route, method, body): it never reaches the service's handler, and has no id. */
export class FrameworkRefusal extends Refusal {
  override readonly name = 'FrameworkRefusal'

  override toResponse(): EmulatorResponse {
    return {status: this.status, headers: this.headers, body: {detail: this.detail}}
  }
}
