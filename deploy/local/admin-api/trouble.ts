import {randomBytes} from 'node:crypto'
import {Refusal} from './refusal.ts'
import type {Trouble} from './state/central-dataset.ts'

// Source: the service's table of categories.
const statuses: Readonly<Record<Trouble['category'], number>> = {
  auth: 401,
  validation: 400,
  not_found: 404,
  conflict: 409,
  rate_limit: 429,
  integration: 502,
  database: 500,
  internal: 500,
}

/** The service's own trouble with BigQuery: a status that says nothing of the caller, and an object as `detail`. */
export function ownTrouble({category}: Trouble, operation: string): Refusal {
  const errorId = `ERR-${randomBytes(6).toString('hex').toUpperCase()}`
  return new Refusal(statuses[category], {
    error: category,
    message: `Failed to complete ${operation}. Please try again or contact support.`,
    error_id: errorId,
    support_message: `Please provide error ID ${errorId} when contacting support.`,
  })
}
