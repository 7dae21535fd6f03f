import {type BoundedLog, createBoundedLog} from './bounded-log.ts'
import type {EmulatorRequest} from './exchange.ts'
import {statementOf} from './statement-of.ts'

/** One request and what became of it. */
export type Exchange = {
  readonly at: string
  /** The function that sent it; undefined for anybody else. */
  readonly caller: string | undefined
  readonly method: string
  readonly path: string
  readonly requestId: string | undefined
  /** The statement that it carried, cut. */
  readonly sql: string | undefined
  /** Undefined where the client got no whole answer. */
  readonly status: number | undefined
  /** The injected fault that it met. */
  readonly fault: string | undefined
  readonly milliseconds: number
}

const maxPathLength = 300
const maxSqlLength = 2000

export type ExchangeLog = {
  readonly add: (request: EmulatorRequest, outcome: Pick<Exchange, 'status' | 'fault' | 'milliseconds'>) => void
  /** Newest last. */
  readonly list: () => Exchange[]
}

/**
 * The newest exchanges of one emulator. Those of functions and those of everybody else are kept apart: a command that
 * waits asks ten times a second, and would push out what a function did.
 *
 * @param options.secret never enters the log, wherever a client puts it.
 */
export function createExchangeLog(options: {
  readonly secret: string | undefined
  readonly now: () => Date
}): ExchangeLog {
  const {secret = '', now} = options
  const ofFunctions: BoundedLog<Exchange> = createBoundedLog(2000)
  const ofOthers: BoundedLog<Exchange> = createBoundedLog(500)
  const clean = (text: string, length = maxPathLength) =>
    (secret === '' ? text : text.replaceAll(secret, '[secret]')).slice(0, length)
  return {
    add({method, url, headers, body, caller}, outcome) {
      const {'x-request-id': id} = headers
      const sql = statementOf(body)
      const log = caller === undefined ? ofOthers : ofFunctions
      log.add({
        at: now().toISOString(),
        caller,
        method,
        path: clean(url.pathname),
        requestId: id === undefined ? undefined : clean(String(id)),
        sql: sql === undefined ? undefined : clean(sql, maxSqlLength),
        ...outcome,
      })
    },
    list: () => [...ofFunctions.entries, ...ofOthers.entries].sort((a, b) => (a.at < b.at ? -1 : 1)),
  }
}
