import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import {createClients} from '../../lib/create-clients.ts'
import {createDeliver} from '../../lib/delivery/deliver.ts'
import {parseEnvironment} from '../../lib/environment/environment.ts'
import {NotAcknowledgedError} from '../../lib/errors/not-acknowledged-error.ts'
import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import type {Job} from '../../lib/job/job.ts'
import type {OutgoingMessage} from '../../lib/run/dead-letter.ts'
import {createMemoryLedger} from './memory-ledger.ts'
import {createRecordingLog} from './recording-log.ts'

/**
 * Delivers a run's messages one after the other, each until it is acknowledged, as Pub/Sub does; the real client of the
 * admin API, ledger and topics in memory.
 *
 * @param options.onHandOver told what a part hands over; if it throws, that is lost, as if the process had been killed.
 * @param options.onDelivered told after each delivery, acknowledged or not.
 */
export async function deliverRun(options: {
  readonly job: Job
  readonly rootKey: string
  readonly apiUrl: string
  readonly args: Readonly<Record<string, unknown>>
  readonly jobTimeoutSeconds: number
  readonly onHandOver: (part: number, args: unknown) => void
  readonly onDelivered: (part: number, isAcknowledged: boolean) => void
}) {
  const {job, rootKey, apiUrl, jobTimeoutSeconds} = options
  const ledger = createMemoryLedger()
  const queue: OutgoingMessage[] = []
  const deadLetters: OutgoingMessage[] = []
  const {log} = createRecordingLog()
  const now = () => new Date()
  const parsed = parseEnvironment(
    {GCP_PROJECT_ID: 'cloudact-local', ENVIRONMENT: 'staging', CA_ROOT_API_KEY: rootKey, API_SERVICE_URL: apiUrl},
    job.secrets,
  )
  const environment = {...parsed, jobTimeoutSeconds, leaseSeconds: 0.3}
  const bigQuery = createBigQuery({projectId: 'cloudact-local', url: 'http://127.0.0.1:1'})
  const deliver = createDeliver({
    job,
    environment,
    ledger,
    publisher: {
      async publish(topic, message) {
        if (topic !== job.topic) return `letter-${deadLetters.push(message)}`
        const part = Number(message.attributes['part']) - 1
        options.onHandOver(part, JSON.parse(message.data.toString()))
        return `next-${queue.push(message)}`
      },
      close: async () => undefined,
    },
    redact: value => value,
    log,
    now,
    monotonic: () => performance.now(),
    createClients: attempt => createClients(environment, {...attempt, now, bigQuery}),
  })

  queue.push({
    data: Buffer.from(JSON.stringify(options.args)),
    attributes: {job: job.name, runId: `${job.name}@01KAR4ZQ5R0000000000000000`, trigger: 'manual'},
  })
  for (let message = queue.shift(), id = 1; message !== undefined; message = queue.shift(), id += 1) {
    const part = Number(message.attributes['part'] ?? 1)
    const data = message.data.toString('base64')
    const event = {message: {messageId: `m-${id}`, publishTime: now().toISOString(), ...message, data}}
    for (let isAcknowledged = false; !isAcknowledged; ) {
      isAcknowledged = await deliver(event, new AbortController().signal).then(
        () => true,
        error => {
          if (!(error instanceof NotAcknowledgedError || error instanceof UnavailableError)) throw error
          return false
        },
      )
      options.onDelivered(part, isAcknowledged)
    }
  }
  return {entries: ledger.entries, deadLetters}
}
