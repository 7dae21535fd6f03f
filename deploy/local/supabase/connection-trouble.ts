import type {EmulatorResponse} from '../emulator/exchange.ts'

/**
 * What the endpoint answers when it is the way to the database that fails, and not the SQL: none of them has an
 * `ERROR:  SQLSTATE:`, and none says whether the query was carried out. Order them from a fault plan
 * (`{kind: 'status', response: connectionTrouble.connectTimeout}`).
 */
export const connectionTrouble = {
  /** No connection came about: nothing ran. */
  connectTimeout: {
    status: 544,
    body: {message: 'Failed to run sql query: Connection terminated due to connection timeout'},
  },
  /** The connection broke: the query may have run. */
  connectionLost: {status: 400, body: {message: 'Failed to run sql query: Connection terminated unexpectedly'}},
  /** The endpoint gave up waiting: the query goes on, and may well succeed. */
  queryTimeout: {status: 544, body: {message: 'Failed to run sql query: Query read timeout'}},
} as const satisfies Record<string, EmulatorResponse>
