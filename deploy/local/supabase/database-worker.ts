import {parentPort, workerData} from 'node:worker_threads'
import * as z from 'zod'
import {openProject, startSession} from './open-project.ts'
import {runSimpleQuery} from './simple-query.ts'
import {type DatabaseReply, databaseRequestSchema} from './worker-messages.ts'

/**
 * The thread that PGlite lives in. A query there blocks its thread, WebAssembly being synchronous: in one of its own it
 * can't hold up the sandbox's other servers, and the endpoint can give up on a query that goes on, as the real one does.
 */
const {dataFolder} = z.object({dataFolder: z.string().optional()}).parse(workerData)
if (parentPort === null) throw new Error('database-worker is started as a worker thread')
const port = parentPort

const begun = performance.now()
const database = await openProject({dataFolder})
await startSession(database)
reply({kind: 'ready', startMilliseconds: Math.round(performance.now() - begun)})

port.on('message', (message: unknown) => {
  const request = databaseRequestSchema.parse(message)
  if (request.kind === 'close') database.close().then(() => port.close(), fail)
  else query(request.sql).catch(fail)
})

async function query(sql: string): Promise<void> {
  const outcome = await runSimpleQuery(database, sql)
  // Now, and not before the next query: an open transaction ends with its connection.
  await startSession(database)
  reply({kind: 'outcome', outcome})
}

function reply(message: DatabaseReply): void {
  port.postMessage(message)
}

/** Whatever this is, the database can't be trusted with another query: the thread ends, and says why. */
function fail(error: unknown): void {
  setImmediate(() => {
    throw error
  })
}
