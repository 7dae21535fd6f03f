import assert from 'node:assert/strict'
import {createAdminApi} from '../../lib/admin-api/admin-api.ts'
import {createDeliver, type Deliver} from '../../lib/delivery/deliver.ts'
import {parseEnvironment} from '../../lib/environment/environment.ts'
import {NotAcknowledgedError} from '../../lib/errors/not-acknowledged-error.ts'
import type {Job} from '../../lib/job/job.ts'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'
import {type DeadLetterNote, parseDeadLetterNote} from '../../lib/run/dead-letter.ts'
import {createMemoryLedger} from './memory-ledger.ts'
import {createRecordingLog} from './recording-log.ts'

const leaseSeconds = 0.4

type Given = {
  /** Asked at each attempt. */
  readonly apiUrl: () => string
  readonly ledger?: RunLedger
  readonly timeoutSeconds?: number
}

/** Delivery as deployed, with the real client of the admin API, but ledger and dead letters in memory. */
export function createMemoryDelivery(job: Job, rootKey: string) {
  const memoryLedger = createMemoryLedger()
  const deadLetters: DeadLetterNote[] = []
  let messages = 0
  return {
    ledger: memoryLedger,
    deadLetters,
    /** The entries that end an attempt. */
    ends: () => memoryLedger.entries.filter(({event}) => !['started', 'progress', 'duplicate'].includes(event)),

    deliver({apiUrl, ledger = memoryLedger, timeoutSeconds = 30}: Given): Deliver {
      const now = () => new Date()
      const environment = parseEnvironment(
        {GCP_PROJECT_ID: 'cloudact-testing-1', ENVIRONMENT: 'staging', CA_ROOT_API_KEY: rootKey},
        job.secrets,
      )
      return createDeliver({
        job,
        environment: {...environment, jobTimeoutSeconds: timeoutSeconds, leaseSeconds},
        ledger,
        publisher: {
          async publish(_topic, {attributes}) {
            const note = parseDeadLetterNote(attributes)
            if (note !== undefined) deadLetters.push(note)
            return `letter-${deadLetters.length}`
          },
          close: async () => undefined,
        },
        redact: value => value,
        log: createRecordingLog().log,
        now,
        monotonic: () => performance.now(),
        createClients: attempt => ({
          api: createAdminApi({
            ...attempt,
            baseUrl: apiUrl(),
            rootKey,
            now,
            random: () => 0,
            newRequestId: () => 'r',
          }),
          quotaTable: {
            deleteBefore: async () => undefined,
            measureBefore: async () => undefined,
            countDay: async () => undefined,
          },
          pipelineBatches: {endedSince: async () => undefined, firstEndedSince: async () => undefined},
          supabase: {query: async () => []},
        }),
      })
    },

    /** A message that a person published. */
    event(args: object = {}): object {
      messages += 1
      return {
        source: `//pubsub.googleapis.com/projects/cloudact-testing-1/topics/${job.topic}`,
        data: {
          message: {
            messageId: `m-${messages}`,
            publishTime: new Date().toISOString(),
            attributes: {job: job.name, trigger: 'manual'},
            data: Buffer.from(JSON.stringify(args)).toString('base64'),
          },
        },
      }
    },
  }
}

/** Delivers as Pub/Sub does: again, until it is acknowledged. @returns the number of deliveries. */
export async function deliverUntilAcknowledged(
  deliver: Deliver,
  event: object,
  stop: AbortSignal = new AbortController().signal,
): Promise<number> {
  for (let deliveries = 1; ; deliveries += 1) {
    try {
      await deliver(event, stop)
      return deliveries
    } catch (error) {
      assert.ok(error instanceof NotAcknowledgedError, String(error))
      assert.ok(deliveries < 20, 'delivered without end')
    }
  }
}
