import {Worker} from 'node:worker_threads'
import type {QueryOutcome} from './query-outcome.ts'
import {type DatabaseReply, type DatabaseRequest, databaseReplySchema} from './worker-messages.ts'

/** A project's Postgres, as the endpoint uses it: one query at a time, each on a connection of its own. */
export type ProjectDatabase = {
  /** Starts it if nothing has yet. */
  readonly warmUp: () => Promise<void>
  /**
   * @param onStart called when the queries before this one are done: time limits count from here
   * @throws Error when the database has crashed: in memory, all is lost then, and every later query throws too
   */
  readonly run: (sql: string, onStart?: () => void) => Promise<QueryOutcome>
  /** What the start took (WebAssembly, initdb, the project's schemas); undefined before it is over. */
  readonly startMilliseconds: () => number | undefined
  readonly stop: () => Promise<void>
}

/**
 * @param options.dataFolder where it is kept; without one it lives in memory
 * @param options.threadUrl what runs in the thread, PGlite by default; it speaks `worker-messages.ts`
 */
export function createProjectDatabase(options: {
  readonly dataFolder?: string | undefined
  readonly threadUrl?: URL
}): ProjectDatabase {
  const threadUrl = options.threadUrl ?? new URL('./database-worker.ts', import.meta.url)
  let thread: {readonly worker: Worker; readonly ready: Promise<void>} | undefined
  let startMilliseconds: number | undefined
  let queue: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let isStopped = false

  function start(): {readonly worker: Worker; readonly ready: Promise<void>} {
    if (isStopped) throw new Error('the database is stopped')
    const worker = new Worker(threadUrl, {
      workerData: {dataFolder: options.dataFolder},
      // Postgres measures only its own stack; WebAssembly's calls also lie on V8's, and 4 MB end before Postgres does.
      resourceLimits: {stackSizeMb: 64},
    })
    // A database on disk recovers when it is opened again; one in memory is lost, and must not come back empty.
    const forget = () => {
      if (options.dataFolder !== undefined && thread?.worker === worker) thread = undefined
    }
    // The listener for errors is needed in any case: without one, a thread's error would end this process too.
    worker.once('exit', forget).on('error', forget)
    const ready = nextReply(worker).then(reply => {
      if (reply.kind === 'ready') startMilliseconds = reply.startMilliseconds
    })
    return {worker, ready}
  }

  async function runNow(sql: string, onStart?: () => void): Promise<QueryOutcome> {
    thread ??= start()
    const {worker, ready} = thread
    await ready
    if (worker.threadId === -1) throw new Error('the database has ended')
    onStart?.()
    const reply = nextReply(worker)
    worker.postMessage({kind: 'query', sql} satisfies DatabaseRequest)
    const answer = await reply
    if (answer.kind !== 'outcome') throw new Error(`the database answered a query with ${answer.kind}`)
    return answer.outcome
  }

  return {
    async warmUp() {
      thread ??= start()
      await thread.ready
    },
    run(sql, onStart) {
      waiting += 1
      const outcome = queue.then(() => runNow(sql, onStart)).finally(() => (waiting -= 1))
      queue = outcome.catch(() => {})
      return outcome
    },
    startMilliseconds: () => startMilliseconds,
    async stop() {
      isStopped = true
      if (thread === undefined || thread.worker.threadId === -1) return
      const {worker} = thread
      // Stopping waits neither for a start nor for a query: Postgres recovers from its log, as after a power cut.
      if (waiting > 0 || startMilliseconds === undefined) return void (await worker.terminate())
      const exit = new Promise(resolve => worker.once('exit', resolve))
      worker.postMessage({kind: 'close'} satisfies DatabaseRequest)
      await exit
    },
  }
}

/** @throws Error when the thread ends instead */
function nextReply(worker: Worker): Promise<DatabaseReply> {
  return new Promise((resolve, reject) => {
    worker.once('message', onMessage).once('error', onError).once('exit', onExit)
    function onMessage(message: unknown) {
      forget()
      resolve(databaseReplySchema.parse(message))
    }
    function onError(error: unknown) {
      forget()
      reject(new Error('the database has crashed', {cause: error}))
    }
    function onExit() {
      forget()
      reject(new Error('the database has ended'))
    }
    function forget() {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
    }
  })
}
