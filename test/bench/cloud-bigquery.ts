import timers from 'node:timers/promises'
import * as z from 'zod'
import {type BigQueryEmulator, startBigQuery} from '../../deploy/local/bigquery/server.ts'
import {startEmulatorServer} from '../../deploy/local/emulator/emulator-server.ts'
import type {EmulatorRequest, EmulatorResponse} from '../../deploy/local/emulator/exchange.ts'
import {createInjectedFaults} from '../../deploy/local/emulator/injected-faults.ts'
import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import {ledgerDataset, ledgerTable, ledgerTableMetadata} from '../../lib/ledger/ledger-table.ts'
import {createRunLedger, type RunLedger} from '../../lib/ledger/run-ledger.ts'

/** How long the real service takes, in ms; fixed, so that what is measured is the order of things. */
export const cloudTimes = {accept: 300, statement: 1200, metadata: 100, list: 300, push: 100} as const

export const cloudProject = 'cloudact-local'

export type CloudBigQuery = {
  readonly url: string
  /** The same ledger without any delay. */
  readonly instantLedger: RunLedger
  readonly stop: () => Promise<void>
}

const insertSchema = z.looseObject({jobReference: z.looseObject({jobId: z.string(), location: z.string()})})

/**
 * A BigQuery that takes the time of the real one: a statement's job is accepted after 0.3 s and done 1.2 s after it came,
 * and what it writes can be read from then on; a query answers after 1.2 s with what there was when it came, a list of rows
 * after 0.3 s. Behind it is the sandbox's emulator.
 */
export async function startCloudBigQuery(): Promise<CloudBigQuery> {
  const emulator = await startBigQuery({projectId: cloudProject})
  const instant = createBigQuery({projectId: cloudProject, url: emulator.url})
  await instant.createDataset(ledgerDataset, {location: 'us-central1'})
  await instant.dataset(ledgerDataset).createTable(ledgerTable, {...ledgerTableMetadata})
  /** Jobs that were accepted, by id, until they are done. */
  const accepted = new Map<string, {readonly resource: unknown; readonly done: Promise<void>}>()

  async function insert(request: EmulatorRequest): Promise<EmulatorResponse> {
    const body = insertSchema.parse(JSON.parse(request.body))
    const {jobId} = body.jobReference
    if (accepted.has(jobId)) {
      await timers.setTimeout(cloudTimes.accept)
      const message = `Already Exists: Job ${cloudProject}:${body.jobReference.location}.${jobId}`
      return {status: 409, body: {error: {code: 409, message, errors: [{reason: 'duplicate', message}]}}}
    }
    const resource = {
      ...body,
      jobReference: {...body.jobReference, projectId: cloudProject},
      status: {state: 'RUNNING'},
      statistics: {creationTime: String(Date.now())},
    }
    const done = timers.setTimeout(cloudTimes.statement).then(async () => void (await forward(emulator, request)))
    accepted.set(jobId, {resource, done})
    await timers.setTimeout(cloudTimes.accept)
    return {status: 200, body: resource}
  }

  async function respond(request: EmulatorRequest): Promise<EmulatorResponse> {
    const path = request.url.pathname
    if (request.method === 'POST' && path.endsWith('/jobs')) return insert(request)
    if (request.method === 'POST' && path.endsWith('/queries')) {
      const [answer] = await Promise.all([forward(emulator, request), timers.setTimeout(cloudTimes.statement)])
      return answer
    }
    const jobId = /\/(?:jobs|queries)\/([^/]+)$/.exec(path)?.[1]
    const job = jobId === undefined ? undefined : accepted.get(jobId)
    if (path.includes('/queries/')) {
      await job?.done
    } else {
      await timers.setTimeout(path.endsWith('/data') ? cloudTimes.list : cloudTimes.metadata)
      const isDone = job === undefined || (await Promise.race([job.done.then(() => true), Promise.resolve(false)]))
      if (!isDone) return {status: 200, body: job.resource}
    }
    return forward(emulator, request)
  }

  const server = await startEmulatorServer({faults: createInjectedFaults(), respond})
  return {
    url: server.url,
    instantLedger: createRunLedger(instant),
    async stop() {
      await Promise.all([...accepted.values()].map(({done}) => done))
      await server.stop()
      await emulator.stop()
    },
  }
}

async function forward(emulator: BigQueryEmulator, {method, url, body}: EmulatorRequest): Promise<EmulatorResponse> {
  const response = await fetch(`${emulator.url}${url.pathname}${url.search}`, {
    method,
    headers: {'content-type': 'application/json'},
    ...(body === '' ? {} : {body}),
  })
  return {status: response.status, body: await response.json()}
}
