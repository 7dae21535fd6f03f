import {randomUUID} from 'node:crypto'
import type {EmulatorRequest, EmulatorResponse} from '../emulator/exchange.ts'
import type {Instances} from './instances.ts'
import {type Maintenance, passMiddleware} from './middleware.ts'
import type {RateLimit} from './rate-limit.ts'
import {Refusal} from './refusal.ts'
import {checkRootKey} from './root-key.ts'
import {type Call, findRoute, type Route} from './route.ts'
import type {RequestRecorder} from './state/request-log.ts'
import {answerWithin, createPauses, WorkStoppedError} from './work.ts'

type ServiceOptions = {
  readonly routes: readonly Route[]
  readonly rootKey: string
  readonly rateLimit: RateLimit
  readonly instances: Instances
  readonly maintenance: Maintenance
  readonly requestRecorder: RequestRecorder
  readonly now: () => Date
  readonly latencyMilliseconds: (method: string, path: string) => number
  readonly closesAfterSeconds: number
  readonly afterClientGone: 'goes-on' | 'stops'
  readonly save: () => Promise<void>
}

export type Service = {
  readonly respond: (request: EmulatorRequest) => Promise<EmulatorResponse>
  /** Ends work that is under way, and waits until it has ended. */
  readonly stop: () => Promise<void>
}

/**
 * Takes each request through the service's own order: middleware, route, root key, body, rate limit, then the work, once
 * an instance is free. What changed something is saved before its answer goes out, and everything is logged.
 */
export function createService(options: ServiceOptions): Service {
  const {requestRecorder, now} = options
  const stopping = new AbortController()
  const underWay = new Set<Promise<unknown>>()
  return {
    async respond(request) {
      const sender = senderOf(request)
      const requestId = sender.requestId ?? randomUUID()
      try {
        return await admit(request, requestId)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        const {status} = error
        requestRecorder.refused({...sender, at: at(), method: request.method, path: request.url.pathname, status})
        return error.toResponse(requestId)
      }
    },
    async stop() {
      stopping.abort()
      await Promise.allSettled(underWay)
    },
  }

  async function admit(request: EmulatorRequest, requestId: string): Promise<EmulatorResponse> {
    passMiddleware(request, options)
    const {route, parameters} = findRoute(options.routes, request)
    if (route.isOpen !== true) checkRootKey(request.headers['x-ca-root-key'], options.rootKey)
    const {orgSlug, work} = route.prepare({request, parameters})
    if (route.requestsPerMinute !== undefined) options.rateLimit.count(route.operation, route.requestsPerMinute)

    let wasClosed = false
    const isClientGone = () => wasClosed || request.signal.aborted
    const answer = route.isOpen === true ? executeWork() : options.instances.run(executeWork)
    underWay.add(answer)
    answer.then(forget, forget)
    return answerWithin(answer, options.closesAfterSeconds, () => {
      wasClosed = true
      return {status: 504, body: 'upstream request timeout'}
    })

    function forget(): void {
      underWay.delete(answer)
    }

    async function executeWork(): Promise<EmulatorResponse> {
      let changes = 0
      let finished = false
      let refusal = false
      const call: Call = {
        requestId: senderOf(request).requestId,
        pause: createPauses({
          stopping: stopping.signal,
          mayGoOn: () => options.afterClientGone === 'goes-on' || !isClientGone(),
        }),
        changed: (count = 1) => {
          changes += count
        },
      }
      try {
        if (stopping.signal.aborted) throw new WorkStoppedError('the emulator is stopped')
        const latency = options.latencyMilliseconds(request.method, request.url.pathname)
        if (latency > 0) await call.pause(latency / 1000)
        const body = await work(call)
        finished = true
        return {status: 200, body}
      } catch (error) {
        refusal = error instanceof Refusal && changes === 0
        if (error instanceof WorkStoppedError)
          return {status: 500, body: {detail: 'Internal Server Error', request_id: requestId}}
        throw error
      } finally {
        const entry = {operation: route.operation, at: at(), orgSlug, changes, clientGone: isClientGone(), finished}
        if (!refusal && route.isOpen !== true) requestRecorder.done({...senderOf(request), ...entry})
        if (changes > 0) await options.save()
      }
    }
  }

  function at(): string {
    return now().toISOString()
  }
}

function senderOf(request: EmulatorRequest) {
  const requestId = request.headers['x-request-id']
  return {requestId: requestId === undefined ? undefined : String(requestId), userAgent: request.headers['user-agent']}
}
