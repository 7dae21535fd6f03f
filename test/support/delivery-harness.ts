import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import {createClients} from '../../lib/create-clients.ts'
import {createDeliver, type Deliver} from '../../lib/delivery/deliver.ts'
import {type Environment, parseEnvironment} from '../../lib/environment/environment.ts'
import type {Job} from '../../lib/job/job.ts'
import type {JobContext} from '../../lib/job/job-context.ts'
import type {Outcome} from '../../lib/job/outcome.ts'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'
import {createRedact} from '../../lib/log/redact.ts'
import type {MessagePublisher} from '../../lib/run/message-publisher.ts'
import {createMemoryLedger} from './memory-ledger.ts'
import {type PushedMessage, toPushEvent} from './push-delivery.ts'
import {createRecordingLog} from './recording-log.ts'
import {createRecordingPublisher} from './recording-publisher.ts'
import {createSampleJob} from './sample-job.ts'

/** Long enough to be looked for, and with all that changes when it is encoded. */
export const secretKey = 'k3y/+="\\&%-of-the-root'

/** Nobody listens there: the jobs of these tests call nobody. */
const nowhere = 'http://127.0.0.1:1'

const variables = {
  GCP_PROJECT_ID: 'cloudact-testing-1',
  ENVIRONMENT: 'staging',
  CA_ROOT_API_KEY: secretKey,
  API_SERVICE_URL: nowhere,
}

type Run = (context: JobContext<Record<string, unknown>>) => Promise<Outcome>

export type HarnessOptions = {
  readonly run?: Run
  readonly idempotent?: boolean
  readonly job?: (run: {readonly run?: Run; readonly idempotent?: boolean}) => Job
  readonly environment?: Partial<Environment>
}

type Broken = {
  readonly ledger?: Partial<RunLedger>
  readonly publisher?: Partial<MessagePublisher>
  readonly stop?: AbortSignal
}
const unbroken: Broken = {}

/** deliver() with a ledger and a Pub/Sub in memory; everything that it wrote can be looked at. */
export function createDeliveryHarness(options: HarnessOptions = {}) {
  const given = {
    ...(options.run === undefined ? {} : {run: options.run}),
    ...(options.idempotent === undefined ? {} : {idempotent: options.idempotent}),
  }
  const job = (options.job ?? createSampleJob)(given)
  const memory = createMemoryLedger()
  const publisher = createRecordingPublisher()
  const {log, lines, records} = createRecordingLog()
  const environment = {...parseEnvironment(variables, job.secrets), ...options.environment}
  const bigQuery = createBigQuery({projectId: environment.projectId, url: nowhere})

  // Of now: an old message has been delivered before.
  const publishTime = new Date().toISOString()

  /** One instance of the function for each way of being broken: it remembers the claims that it gave up. */
  const instances = new Map<Broken, Deliver>()
  const createInstance = (broken: Broken) =>
    createDeliver({
      job,
      environment,
      ledger: {...memory, ...broken.ledger},
      publisher: {...publisher, ...broken.publisher},
      redact: createRedact(environment.secrets),
      log,
      now: () => new Date(),
      monotonic: () => performance.now(),
      createClients: attempt => createClients(environment, {...attempt, now: () => new Date(), bigQuery}),
    })
  /** @param broken what to break in the ledger or the publisher. */
  const deliver = (
    message: PushedMessage | {readonly event: unknown} = {},
    broken: Broken = unbroken,
  ): Promise<void> => {
    const run = instances.get(broken) ?? createInstance(broken)
    instances.set(broken, run)
    const event =
      'event' in message
        ? message.event
        : toPushEvent({topic: job.topic, publishTime, ...message, attributes: {job: job.name, ...message.attributes}})
    return run(event, broken.stop ?? new AbortController().signal)
  }
  return {
    job,
    deliver,
    ledger: memory,
    published: publisher.published,
    notes: publisher.notes,
    lines,
    records,
    /** `event attempt` of each entry, in order. */
    history: () => memory.entries.map(({event, attempt}) => `${event} ${attempt}`),
    /** What a person may read later: entries, and what is written on letters. */
    written: () => JSON.stringify([memory.entries, publisher.published.map(({attributes}) => attributes)]),
  }
}
