import ky from 'ky'
import * as z from 'zod'
import {type AdminApiEmulator, startAdminApi} from '../../deploy/local/admin-api/server.ts'
import {type BigQueryEmulator, startBigQuery} from '../../deploy/local/bigquery/server.ts'
import {type FunctionProcess, startFunctionProcess} from '../../deploy/local/function-process.ts'
import {setUpLedger} from '../../deploy/local/ledger-setup.ts'
import {type PubSubServer, startPubSubServer} from '../../deploy/local/pubsub/server/server.ts'
import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import {createRunLedger, type RunLedger} from '../../lib/ledger/run-ledger.ts'
import {type DeadLetterNote, parseDeadLetterNote} from '../../lib/run/dead-letter.ts'
import {collectStatements} from './collect-statements.ts'

const projectId = 'cloudact-local'
/** Its forms in base64 and in a URL differ from it. */
export const servedRootKey = 'r00t+key/of=the-tests'

const pulledSchema = z.object({
  receivedMessages: z
    .array(z.object({message: z.object({data: z.string().default(''), attributes: z.record(z.string(), z.string())})}))
    .default([]),
})

export type ServedFunction = {
  readonly process: FunctionProcess
  readonly adminApi: AdminApiEmulator
  readonly bigQuery: BigQueryEmulator
  readonly ledger: RunLedger
  /** Everything that the process printed, a line each. */
  readonly lines: readonly string[]
  /** Posts as a push or Eventarc does, to the topic's path. */
  readonly post: (body: string, headers?: Record<string, string>) => Promise<{status: number; text: string}>
  /** The dead letters that nobody pulled yet. */
  readonly deadLetters: () => Promise<
    {data: string; attributes: Record<string, string>; note: DeadLetterNote | undefined}[]
  >
  readonly stop: () => Promise<void>
}

/** One function in a process of its own, from its sources, with every counterpart on this machine but no subscription. */
export async function startServedFunction(
  functionName: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ServedFunction> {
  const [pubSub, bigQuery, adminApi] = await Promise.all([
    startPubSubServer(),
    startBigQuery({projectId, ...collectStatements}),
    startAdminApi({rootKey: servedRootKey, secondsPerOrganization: 0, rateLimits: false}),
  ])
  const bigQueryClient = createBigQuery({projectId, url: bigQuery.url})
  const resources = ky.create({prefix: `http://${pubSub.host}/v1/projects/${projectId}`, retry: 0})
  await Promise.all([setUpLedger(bigQueryClient), createDeadLetterMessages(resources)])
  const lines: string[] = []
  const process = await startFunctionProcess({
    onLine: line => void lines.push(line),
    env: {
      FUNCTION_TARGET: functionName,
      GCP_PROJECT_ID: projectId,
      ENVIRONMENT: 'staging',
      CA_ROOT_API_KEY: servedRootKey,
      API_SERVICE_URL: adminApi.url,
      BIGQUERY_EMULATOR_HOST: bigQuery.url,
      PUBSUB_EMULATOR_HOST: pubSub.host,
      ...env,
    },
  })
  return {
    process,
    adminApi,
    bigQuery,
    ledger: createRunLedger(bigQueryClient),
    lines,
    async post(body, headers = {'content-type': 'application/json'}) {
      const url = `http://127.0.0.1:${process.port}/projects/${projectId}/topics/manual-jobs`
      const response = await fetch(url, {method: 'POST', body, headers})
      return {status: response.status, text: await response.text()}
    },
    async deadLetters() {
      const json = {maxMessages: 100, returnImmediately: true}
      const pulled = pulledSchema.parse(await resources.post('subscriptions/dead-letters:pull', {json}).json())
      return pulled.receivedMessages.map(({message: {data, attributes}}) => {
        return {data: Buffer.from(data, 'base64').toString(), attributes, note: parseDeadLetterNote(attributes)}
      })
    },
    async stop() {
      await process.end('SIGTERM')
      await stopAll(pubSub, bigQuery, adminApi)
    },
  }
}

async function createDeadLetterMessages(resources: typeof ky): Promise<void> {
  await resources.put('topics/dead-letters', {json: {}})
  const topic = `projects/${projectId}/topics/dead-letters`
  await resources.put('subscriptions/dead-letters', {json: {topic, ackDeadlineSeconds: 600}})
}

async function stopAll(...servers: (PubSubServer | BigQueryEmulator | AdminApiEmulator)[]): Promise<void> {
  await Promise.all(servers.map(server => server.stop()))
}
