import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http'
import type {AddressInfo} from 'node:net'
import {buffer} from 'node:stream/consumers'
import {pipeline} from 'node:stream/promises'
import {guardLoopback} from './emulator/loopback-guard.ts'
import {type FunctionProcess, maxStopMilliseconds, startFunctionProcess} from './function-process.ts'

export type FunctionHost = {
  /** Where a function's push endpoint begins: `http://127.0.0.1:<port>/<function>`. */
  readonly urlOf: (functionName: string) => string
  /** Starts a function's process before a message waits for it. */
  readonly warm: (functionName: string) => Promise<void>
  /** The process that serves a function now, if one does. */
  readonly processOf: (functionName: string) => Promise<FunctionProcess | undefined>
  /** Ends all functions; those that are still alive after 10 s, ready or not, are killed. */
  readonly stop: () => Promise<void>
}

/** How long Cloud Run holds a request for which no instance is free, before it answers 429. */
const maxHoldMilliseconds = 10_000

/**
 * What Cloud Run is to the deployed functions: one address for each, a process that starts when a request comes, is
 * kept, and is replaced when it has died; a fixed number of requests at a time, the others are held for a while and then
 * answered with 429, which Pub/Sub counts as an attempt.
 *
 * @param options.concurrency requests at a time and function. @default 1, as deployed
 * @param options.holdMilliseconds how long a request is held. @default 10 s, as Cloud Run does
 * @param options.stopMilliseconds how long functions have to end. @default 10 s, as Cloud Run does
 */
export async function startFunctionHost(options: {
  readonly functionNames: readonly string[]
  readonly envOf: (functionName: string) => Readonly<Record<string, string>>
  readonly onLine: (line: string) => void
  readonly concurrency?: number
  readonly holdMilliseconds?: number
  readonly stopMilliseconds?: number
}): Promise<FunctionHost> {
  const {functionNames, concurrency = 1, holdMilliseconds = maxHoldMilliseconds} = options
  const {stopMilliseconds = maxStopMilliseconds} = options
  const processes = new Map<string, Promise<FunctionProcess>>()
  const gates = new Map(functionNames.map(name => [name, createGate(concurrency)]))
  const agent = new Agent({keepAlive: true})
  let isStopping = false
  // A function that is busy notices neither a signal nor that this process has gone.
  const alive = new Set<() => void>()
  const killAll = () => {
    for (const kill of alive) kill()
  }
  process.once('exit', killAll)

  function processFor(name: string): Promise<FunctionProcess> {
    if (isStopping) throw new Error('the sandbox is stopping')
    const running = processes.get(name)
    if (running !== undefined) return running
    const starting = startFunctionProcess({env: options.envOf(name), onLine: options.onLine, alive})
    processes.set(name, starting)
    const forget = () => void (processes.get(name) === starting && processes.delete(name))
    starting.then(({ended}) => ended.then(forget), forget)
    return starting
  }

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const [, name = '', ...rest] = (incoming.url ?? '').split('/')
    const gate = gates.get(name)
    if (gate === undefined || isStopping) return void outgoing.writeHead(gate === undefined ? 404 : 503).end()
    // Read to its end first: a sender that goes away while its request waits must not leave half a request behind.
    const body = await buffer(incoming)
    const leave = await gate.enter(holdMilliseconds)
    if (leave === undefined) return void outgoing.writeHead(429).end('Rate exceeded.')
    try {
      if (outgoing.destroyed) return
      const {port} = await processFor(name)
      await forward({method: incoming.method, headers: incoming.headers, body}, outgoing, {
        port,
        path: `/${rest.join('/')}`,
        agent,
      })
    } catch (error) {
      // As Cloud Run answers for an instance that can't start or broke off.
      if (!outgoing.headersSent) outgoing.writeHead(503).end(error instanceof Error ? error.message : undefined)
      else outgoing.destroy()
    } finally {
      leave()
    }
  }

  const server = createServer(
    guardLoopback((incoming, outgoing) => {
      serve(incoming, outgoing).catch(() => outgoing.destroy())
    }),
  )
  server.setTimeout(0)
  server.requestTimeout = 0
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as AddressInfo
  return {
    urlOf: name => `http://127.0.0.1:${port}/${name}`,
    warm: async name => void (await processFor(name)),
    processOf: async name => processes.get(name)?.catch(() => undefined),
    async stop() {
      isStopping = true
      // Counts from here: a function that is stuck while it starts is never told to end.
      const tooLong = setTimeout(killAll, stopMilliseconds)
      await Promise.all(
        [...processes.values()].map(starting =>
          starting.then(
            running => running.end('SIGTERM'),
            () => undefined,
          ),
        ),
      )
      clearTimeout(tooLong)
      await new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      agent.destroy()
      process.off('exit', killAll)
    },
  }
}

function forward(
  {method, headers, body}: {method: string | undefined; headers: IncomingHttpHeaders; body: Buffer},
  outgoing: ServerResponse,
  to: {port: number; path: string; agent: Agent},
): Promise<void> {
  return new Promise((resolve, reject) => {
    // Pub/Sub gave up waiting: the function goes on, as it does on Cloud Run, but holds no place in the queue.
    if (outgoing.destroyed) return resolve()
    outgoing.once('close', resolve)
    const {port, path, agent} = to
    const own = {...headers, host: `127.0.0.1:${port}`}
    const onward = request({host: '127.0.0.1', port, path, method, headers: own, agent}, answer => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      pipeline(answer, outgoing).then(resolve, reject)
    })
    onward.once('error', reject)
    onward.end(body)
  })
}

type Gate = {
  /** @returns what to call when leaving; undefined if no place became free in time. */
  readonly enter: (maxMilliseconds: number) => Promise<(() => void) | undefined>
}

/** Lets this many in at a time, first come, first served. */
function createGate(places: number): Gate {
  const waiting = new Set<() => void>()
  let free = places

  function leaveOnce(): () => void {
    let hasLeft = false
    return () => {
      if (hasLeft) return
      hasLeft = true
      const [next] = waiting
      if (next === undefined) free += 1
      else next()
    }
  }

  return {
    async enter(maxMilliseconds) {
      if (free > 0) {
        free -= 1
        return leaveOnce()
      }
      return new Promise(resolve => {
        const tooLate = setTimeout(() => {
          waiting.delete(enter)
          resolve(undefined)
        }, maxMilliseconds)
        waiting.add(enter)
        function enter() {
          clearTimeout(tooLate)
          waiting.delete(enter)
          resolve(leaveOnce())
        }
      })
    },
  }
}
