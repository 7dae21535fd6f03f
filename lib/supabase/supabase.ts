import * as z from 'zod'
import {RejectedError} from '../errors/rejected-error.ts'
import {SqlError} from '../errors/sql-error.ts'
import {UnavailableError} from '../errors/unavailable-error.ts'
import {createHttpService, type HttpRefusal, type HttpServiceOptions} from '../http/http-service.ts'
import {toPrintable, toPrintableLine} from '../log/printable.ts'

export type Supabase = {
  /**
   * Sends one text of SQL: one connection, one implicit transaction.
   *
   * @param options.isIdempotent whether it may be sent again where it is unknown whether it was executed.
   * @returns the rows of the last statement.
   * @throws SqlError, UnavailableError (the outcome is unknown unless it says otherwise), RejectedError, InterruptedError.
   */
  readonly query: <Row extends z.ZodType>(
    sql: string,
    options: {readonly name: string; readonly isIdempotent: boolean; readonly row: Row},
  ) => Promise<z.output<Row>[]>
}

/** About 50 s a query, and some for the way. Source: Supabase's management API, measured. */
const timeoutSeconds = 70
const backoff = {retries: 4, firstDelaySeconds: 1, maxDelaySeconds: 30}

/** Supabase's management API: the query endpoint of one project. */
export function createSupabase(
  options: Omit<HttpServiceOptions, 'name' | 'headers' | 'toError' | 'backoff'> & {
    readonly accessToken: string
    readonly projectRef: string
  },
): Supabase {
  const {accessToken, projectRef, ...rest} = options
  const call = createHttpService({
    ...rest,
    name: 'Supabase',
    headers: {authorization: `Bearer ${accessToken}`},
    toError: toSupabaseError,
    backoff,
  })
  return {
    query: (sql, {name, isIdempotent, row}) =>
      call({
        name,
        method: 'POST',
        path: `/v1/projects/${encodeURIComponent(projectRef)}/database/query`,
        json: {query: sql},
        timeoutSeconds,
        isIdempotent,
        answer: z.array(row),
      }),
  }
}

const bodySchema = z.object({message: z.string()})

/** Sorts a refusal: what the database said, what the way to it said, and what the API itself said. */
export function toSupabaseError(
  {status, headers, text}: HttpRefusal,
  operation: string,
): {error: Error; retryAfterSeconds?: number | undefined} {
  const message = parseMessage(text)
  const sql = /ERROR:\s+([0-9A-Z]{5}): ([\s\S]*)$/.exec(message)
  if (sql !== null) {
    const [, sqlState = '', rest = ''] = sql
    const words = toPrintable(rest.trim(), 2000)
    const line = /^LINE (\d+):/m.exec(words)?.[1]
    const data = {sqlState, line: line === undefined ? undefined : Number(line), words}
    return {error: new SqlError(`${operation}: ${sqlState}: ${words.split('\n')[0] ?? ''}`, data)}
  }
  const said = `HTTP ${status}${message === '' ? '' : `: ${toPrintableLine(message, 200)}`}`
  if (status === 429) {
    const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN)
    return {
      error: new UnavailableError(`Supabase rate limit exceeded (${said})`, {mayHaveExecuted: false, status}),
      retryAfterSeconds: Number.isFinite(reset) && reset >= 0 ? reset : undefined,
    }
  }
  if (status === 401 || status === 403) {
    const hint = 'SUPABASE_ACCESS_TOKEN is not valid for this project: check the secret'
    return {error: new RejectedError(`Supabase refused ${operation} (${said}): ${hint}`, {status, detail: message})}
  }
  // A 400 without an SQLSTATE does not come from the database: the connection to it failed.
  if (status >= 500 || status === 400 || status === 408) {
    return {
      error: new UnavailableError(`Supabase is unavailable for ${operation} (${said})`, {
        mayHaveExecuted: true,
        status,
      }),
    }
  }
  return {error: new RejectedError(`Supabase refused ${operation} (${said})`, {status, detail: message})}
}

function parseMessage(text: string): string {
  try {
    return bodySchema.safeParse(JSON.parse(text)).data?.message ?? text
  } catch {
    return text
  }
}
