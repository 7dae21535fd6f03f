import timers from 'node:timers/promises'
import ky from 'ky'
import type * as z from 'zod'
import {currentVersion} from '../environment/version.ts'
import {ContractError} from '../errors/contract-error.ts'
import {InterruptedError} from '../errors/interrupted-error.ts'
import {UnavailableError} from '../errors/unavailable-error.ts'
import {toMessageText} from '../log/error-text.ts'
import {toLine} from '../log/issue-line.ts'
import type {Log} from '../log/log.ts'
import {type BackoffPolicy, backoffSeconds} from './backoff.ts'
import {provesNothingWasSent} from './network-error.ts'
import {childTraceparent} from './traceparent.ts'
import {createTryLimit, type TryLimit} from './try-limit.ts'

/** One operation of a counterpart. */
export type HttpOperation<Schema extends z.ZodType> = {
  /** For a person: `bootstrap status`. */
  readonly name: string
  readonly method: 'GET' | 'POST'
  /** Below the base URL, with its query. */
  readonly path: string
  readonly json?: unknown
  readonly timeoutSeconds: number
  /** If not, it is sent again only after an error that proves that nothing was carried out. */
  readonly isIdempotent: boolean
  /** Tries after the first. @default the counterpart's own */
  readonly retries?: number
  /** What a success must look like; unknown keys are passed over. */
  readonly answer: Schema
  /** Told of each try that failed in a way that may pass, whether or not another one follows. */
  readonly onUnavailable?: (error: UnavailableError) => void
}

/** An answer that is no success; made into an error by the counterpart's own client. */
export type HttpRefusal = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The one that the request carried. */
  readonly requestId?: string
}

export type HttpServiceOptions = {
  /** For messages: `the admin API`. */
  readonly name: string
  readonly baseUrl: string
  readonly headers: Readonly<Record<string, string>>
  readonly log: Log
  readonly signal: AbortSignal
  /** No try begins, and no wait ends, after this moment. */
  readonly deadline: Date
  /**
   * Called right before a request that may not be repeated: throws if the attempt is no longer this process's own.
   * Absent where there is no attempt.
   */
  readonly fence?: () => void
  readonly now: () => Date
  readonly random: () => number
  readonly newRequestId: () => string
  readonly backoff: BackoffPolicy
  /** Receives in a line each try that failed and is repeated, and undefined when the repeating is over. */
  readonly onRetry?: ((text: string | undefined) => void) | undefined
  /** Of the delivery that the requests are part of: each becomes a child of it. */
  readonly traceparent?: string | undefined
  /** Sorts a refusal into the taxonomy; `retryAfterSeconds` where the counterpart says how long to wait. */
  readonly toError: (refusal: HttpRefusal, operation: string) => {error: Error; retryAfterSeconds?: number | undefined}
}

/** Sends an operation, with retries, until it has an answer that the contract knows. */
export type HttpService = <Schema extends z.ZodType>(operation: HttpOperation<Schema>) => Promise<z.output<Schema>>

/**
 * A counterpart over HTTP and JSON: retries with backoff inside the job's time, a request id per try, and every
 * failure as one of this project's errors.
 */
export function createHttpService(options: HttpServiceOptions): HttpService {
  const {name, log, signal, deadline, now, backoff} = options

  return async operation => {
    let isRepeating = false
    try {
      for (let retry = 1; ; retry += 1) {
        const requestId = options.newRequestId()
        const {error, retryAfterSeconds, answer} = await send(options, operation, requestId)
        if (error === undefined) return answer
        if (error instanceof UnavailableError) operation.onUnavailable?.(error)
        const isSafe = operation.isIdempotent || (error instanceof UnavailableError && !error.mayHaveExecuted)
        if (!(error instanceof UnavailableError) || !isSafe || retry > (operation.retries ?? backoff.retries))
          throw error

        const seconds = retryAfterSeconds ?? backoffSeconds(backoff, retry, options.random())
        if (now().getTime() + seconds * 1000 >= deadline.getTime()) throw error
        const failed = `${operation.name}: try ${retry} of ${(operation.retries ?? backoff.retries) + 1} failed`
        log.warn(`${failed}, the next in ${seconds.toFixed(1)} s`, {reason: error.message, requestId})
        options.onRetry?.(`${failed}: ${toMessageText(error)}`)
        isRepeating = true
        await timers.setTimeout(seconds * 1000, undefined, {signal}).catch(reason => {
          const message = `${name}: stopped while waiting to repeat ${operation.name}`
          throw new InterruptedError(message, {mayHaveExecuted: error.mayHaveExecuted, cause: reason})
        })
      }
    } finally {
      if (isRepeating) options.onRetry?.(undefined)
    }
  }
}

type Try<T> =
  | {error: Error; retryAfterSeconds?: number | undefined; answer?: never}
  | {error?: never; answer: T; retryAfterSeconds?: never}

async function send<Schema extends z.ZodType>(
  options: HttpServiceOptions,
  operation: HttpOperation<Schema>,
  requestId: string,
): Promise<Try<z.output<Schema>>> {
  const {name, log, signal, deadline, now} = options
  const startedAt = now().getTime()
  const timeout = Math.min(operation.timeoutSeconds * 1000, deadline.getTime() - startedAt)
  if (timeout < 1 || signal.aborted) {
    return {
      error: new InterruptedError(`no time left for ${operation.name}`, {mayHaveExecuted: false, cause: signal.reason}),
    }
  }
  if (!operation.isIdempotent) options.fence?.()
  const traceparent = childTraceparent(options.traceparent, options.random)
  // ky's own time-out ends with the headers; a body that never ends would hold the job until its signal.
  const limit = createTryLimit(signal, timeout)
  let status: number | undefined
  let text: string
  let headers: Headers
  try {
    const response = await ky(`${options.baseUrl}${operation.path}`, {
      method: operation.method,
      headers: {
        ...options.headers,
        'user-agent': `cloudact-scheduler-jobs/${currentVersion()}`,
        'x-request-id': requestId,
        ...(traceparent === undefined ? {} : {traceparent}),
      },
      ...(operation.json === undefined ? {} : {json: operation.json}),
      timeout: false,
      retry: 0,
      throwHttpErrors: false,
      // The key goes to nobody but the counterpart; a redirect is a refusal, and no connection that broke.
      redirect: 'manual',
      signal: limit.signal,
    })
    ;({status, headers} = response)
    text = await response.text()
  } catch (error) {
    return {error: toNetworkError(error, {name, operation: operation.name, timeout, limit, status, signal, requestId})}
  } finally {
    limit.release()
    log.debug(`${operation.name}: ${status ?? 'no answer'}`, {
      requestId,
      durationMilliseconds: now().getTime() - startedAt,
    })
  }
  if (status < 200 || status > 299) return options.toError({status, headers, text, requestId}, operation.name)
  return parseAnswer(operation, text, requestId)
}

function parseAnswer<Schema extends z.ZodType>(
  operation: HttpOperation<Schema>,
  text: string,
  requestId: string,
): Try<z.output<Schema>> {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (cause) {
    return {error: new ContractError(`${operation.name}: the answer is no JSON (request ${requestId})`, {cause})}
  }
  const parsed = operation.answer.safeParse(body)
  if (parsed.success) return {answer: parsed.data}
  const reason = toLine(parsed.error)
  return {
    error: new ContractError(`${operation.name}: the answer is against the contract: ${reason} (request ${requestId})`),
  }
}

function toNetworkError(
  cause: unknown,
  what: {
    name: string
    operation: string
    timeout: number
    limit: TryLimit
    status: number | undefined
    signal: AbortSignal
    requestId: string
  },
): Error {
  const {name, operation, requestId} = what
  if (what.signal.aborted) return new InterruptedError(`stopped during ${operation} (request ${requestId})`, {cause})
  if (what.limit.isTimeUp()) {
    const seconds = Math.round(what.timeout / 1000)
    const message = `${name} did not answer ${operation} within ${seconds} s (request ${requestId})`
    return new UnavailableError(message, {mayHaveExecuted: true}, {cause})
  }
  const mayHaveExecuted = what.status !== undefined || !provesNothingWasSent(cause)
  const how = mayHaveExecuted ? 'broke off its answer' : "can't be reached"
  return new UnavailableError(`${name} ${how}: ${operation} (request ${requestId})`, {mayHaveExecuted}, {cause})
}
