import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import {readLedgerVersion} from '../../lib/ledger/ledger-version.ts'
import {createRunLedger, type RunLedger} from '../../lib/ledger/run-ledger.ts'
import {createMessagePublisher, type MessagePublisher} from '../../lib/run/message-publisher.ts'
import type {Connection} from './connect.ts'
import {findSandbox, type ReachedSandbox, type ReachOptions, reachSandbox} from './reach-sandbox.ts'

type Clients = {
  readonly sandbox: ReachedSandbox
  readonly bigQuery: ReturnType<typeof createBigQuery>
  readonly ledger: RunLedger
  readonly publisher: MessagePublisher
}

/**
 * Connects to the sandbox. When the one in use ends, because its command is done or its terminal was closed, the next call
 * goes to the sandbox that has taken its place, or starts one: the state is in the folder. Where `replacesSandbox` is
 * false, calls throw UnavailableError until one has been started.
 */
export async function connectLocal(projectId: string, options: ReachOptions): Promise<Connection> {
  let current = createClients(await reachSandbox(options))
  let reconnecting: Promise<Clients> | undefined
  let left: Clients | undefined
  let isClosed = false

  function createClients(sandbox: ReachedSandbox): Clients {
    const {pubSubHost, bigQueryUrl} = sandbox.addresses
    const bigQuery = createBigQuery({projectId, url: bigQueryUrl})
    return {
      sandbox,
      bigQuery,
      ledger: createRunLedger(bigQuery),
      publisher: createMessagePublisher({projectId, host: pubSubHost}),
    }
  }

  /** Once, however many calls have noticed. */
  function reconnect(from: Clients): Promise<Clients> {
    if (current !== from) return Promise.resolve(current)
    reconnecting ??= replace(from).finally(() => {
      reconnecting = undefined
    })
    return reconnecting
  }

  async function replace(from: Clients): Promise<Clients> {
    if (left !== from) {
      left = from
      const {pid} = from.sandbox.addresses
      options.onNotice?.(`The sandbox of process ${pid} has ended; what it was sent is still in its folder.`)
      await from.publisher.close().catch(() => undefined)
    }
    const next = await (options.replacesSandbox === false ? findSandbox(options) : reachSandbox(options))
    if (next === undefined) {
      throw new UnavailableError('the sandbox has ended: start it again with npm run local', {mayHaveExecuted: false})
    }
    if (isClosed) {
      await next.leave()
      throw ended()
    }
    current = createClients(next)
    return current
  }

  async function call<T>(act: (clients: Clients) => Promise<T>): Promise<T> {
    let clients = current
    while (!isClosed) {
      const gone = clients.sandbox.ended.then(() => undefined)
      const outcome = await Promise.race([act(clients).then(answer => ({answer})), gone]).catch(
        async (error: unknown) => {
          // Its connection may have broken a moment before the sandbox is known to have ended.
          if (error instanceof UnavailableError && (await hasEnded(clients.sandbox))) return undefined
          throw error
        },
      )
      if (outcome !== undefined) return outcome.answer
      // This command closed the connection itself: a new one would keep the sandbox from ending.
      if (isClosed) break
      clients = await reconnect(clients)
    }
    throw ended()
  }

  function ended(): UnavailableError {
    return new UnavailableError('the sandbox has ended', {mayHaveExecuted: true})
  }

  return {
    ledger: {
      history: runId => call(({ledger}) => ledger.history(runId)),
      historyOfDay: (runId, day) => call(({ledger}) => ledger.historyOfDay(runId, day)),
      histories: runIds => call(({ledger}) => ledger.histories(runIds)),
      since: (...args) => call(({ledger}) => ledger.since(...args)),
      beginning: () => call(({ledger}) => ledger.beginning()),
      claim: started => call(({ledger}) => ledger.claim(started)),
      record: entry => call(({ledger}) => ledger.record(entry)),
    },
    ledgerVersion: () => call(({bigQuery}) => readLedgerVersion(bigQuery)),
    publisher: {
      publish: (topic, message) => call(({publisher}) => publisher.publish(topic, message)),
      close: () => current.publisher.close(),
    },
    get pubSubHost() {
      return current.sandbox.addresses.pubSubHost
    },
    pace: {nearMilliseconds: 50, farMilliseconds: 500},
    logHint: runId => `npm run logs -- local ${runId}`,
    get logFile() {
      return current.sandbox.addresses.logFile
    },
    get isTemporary() {
      return current.sandbox.addresses.isTemporary
    },
    async close() {
      isClosed = true
      await current.publisher.close()
      await current.sandbox.leave()
    },
  }
}

function hasEnded({ended}: ReachedSandbox): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const notYet = new Promise<boolean>(resolve => {
    timer = setTimeout(() => resolve(false), 500)
  })
  return Promise.race([ended.then(() => true), notYet]).finally(() => clearTimeout(timer))
}
