import ky from 'ky'
import * as z from 'zod'
import {loadCatalogue} from '../../deploy/catalogue/catalogue.ts'
import {localProjectId, type Sandbox, type SandboxOptions, startSandbox} from '../../deploy/local/sandbox.ts'
import {runProgressOf} from '../../deploy/runs/run-progress.ts'
import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {createRunLedger, type RunLedger} from '../../lib/ledger/run-ledger.ts'
import {createMessagePublisher} from '../../lib/run/message-publisher.ts'
import {collectStatements} from './collect-statements.ts'

const pullSchema = z.object({
  receivedMessages: z
    .array(
      z.object({
        ackId: z.string(),
        message: z.object({
          messageId: z.string(),
          data: z.string().default(''),
          attributes: z.record(z.string(), z.string()).default({}),
        }),
      }),
    )
    .default([]),
})
export type DeadLetter = {
  readonly id: string
  readonly data: Buffer
  readonly attributes: Readonly<Record<string, string>>
}

/** A sandbox in memory, with what a test asks of it. */
export type TestSandbox = Sandbox & {
  readonly ledger: RunLedger
  /** What the functions printed. */
  readonly lines: readonly string[]
  /** Publishes with Google's client. @returns the message's id */
  readonly publish: (topic: string, data: Buffer | string, attributes?: Record<string, string>) => Promise<string>
  /** Publishes a run of a job with an id of one's own, and waits for its end. */
  readonly run: (job: string, id: string, args?: Record<string, unknown>) => Promise<LedgerEntry>
  /** Waits until a run is over. */
  readonly over: (runId: string) => Promise<LedgerEntry>
  /** Waits until so many dead letters are there, takes them out, and gives them. */
  readonly deadLetters: (count: number) => Promise<DeadLetter[]>
}

export async function startTestSandbox(options: Partial<SandboxOptions> = {}): Promise<TestSandbox> {
  const lines: string[] = []
  const jobs = options.jobs ?? (await loadCatalogue())
  const sandbox = await startSandbox({
    retryPolicy: {minimumBackoffSeconds: 0.1, maximumBackoffSeconds: 0.5},
    onLine: line => void lines.push(line),
    onAcceptedStatement: collectStatements.onAccepted,
    ...options,
    adminApi: {rateLimits: false, ...options.adminApi},
    jobs,
  })
  const {pubSubHost, bigQueryUrl} = sandbox.addresses
  // A test that looks is in no hurry: how long an answer takes is the machine's business.
  const ledger = createRunLedger(createBigQuery({projectId: localProjectId, url: bigQueryUrl}), {deadlineSeconds: 300})
  const pubSub = ky.create({baseUrl: `http://${pubSubHost}/v1/projects/${localProjectId}/`, retry: 0})

  const publisher = createMessagePublisher({projectId: localProjectId, host: pubSubHost})
  const publish: TestSandbox['publish'] = (topic, data, attributes = {}) =>
    publisher.publish(topic, {data: Buffer.from(data), attributes})
  const over: TestSandbox['over'] = async runId =>
    until(`run ${runId} is over`, async () => {
      const progress = runProgressOf(await ledger.history(runId))
      return progress.state === 'over' ? progress.entry : undefined
    })
  return {
    ...sandbox,
    ledger,
    lines,
    publish,
    over,
    async stop() {
      await publisher.close()
      await sandbox.stop()
    },
    async run(job, id, args = {}) {
      const runId = `${job}@${id}`
      const topic = jobs.find(({name}) => name === job)?.topic ?? ''
      await publish(topic, JSON.stringify(args), {job, runId, trigger: 'manual', requestedBy: 'test'})
      return over(runId)
    },
    async deadLetters(count) {
      const found: DeadLetter[] = []
      await until(`${count} dead letters`, async () => {
        const json = {maxMessages: 100, returnImmediately: true}
        const {receivedMessages} = pullSchema.parse(await pubSub.post('subscriptions/dead-letters:pull', {json}).json())
        const ackIds = receivedMessages.map(({ackId}) => ackId)
        if (ackIds.length > 0) await pubSub.post('subscriptions/dead-letters:acknowledge', {json: {ackIds}})
        for (const {message} of receivedMessages) {
          const {messageId: id, attributes} = message
          found.push({id, data: Buffer.from(message.data, 'base64'), attributes})
        }
        return found.length >= count ? found : undefined
      })
      return found
    },
  }
}

/** Waits for a state by asking; the test's own time limit ends it. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>, milliseconds = 60_000): Promise<T> {
  for (const deadline = Date.now() + milliseconds; Date.now() < deadline; ) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error(`waited ${milliseconds / 1000} s, but not yet: ${what}`)
}
