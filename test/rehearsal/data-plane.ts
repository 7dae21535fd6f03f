import ky from 'ky'
import * as z from 'zod'
import {startAdminApi} from '../../deploy/local/admin-api/server.ts'
import {startBigQuery} from '../../deploy/local/bigquery/server.ts'
import {startFunctionHost} from '../../deploy/local/function-host.ts'
import {setUpLedger} from '../../deploy/local/ledger-setup.ts'
import {startPubSubServer} from '../../deploy/local/pubsub/server/server.ts'
import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import {createRunLedger} from '../../lib/ledger/run-ledger.ts'
import {createMessagePublisher} from '../../lib/run/message-publisher.ts'
import type {CloudState} from '../support/gcloud-recorder-state.ts'
import {startPushGateway} from './push-gateway.ts'
import {startSlowBigQuery} from './slow-bigquery.ts'

const rootKey = 'the-root-key-of-the-rehearsal'
/** What the secrets hold. */
const secretValues: Readonly<Record<string, string>> = {
  'ca-root-api-key-test': rootKey,
  'supabase-access-token-stage': 'the-access-token-of-the-rehearsal',
}

const functionSchema = z.object({
  serviceConfig: z.object({
    environmentVariables: z.record(z.string(), z.string()),
    secretEnvironmentVariables: z.array(z.object({key: z.string(), secret: z.string()})).default([]),
    maxInstanceRequestConcurrency: z.number(),
  }),
})
const subscriptionSchema = z.looseObject({
  topic: z.string(),
  filter: z.string().optional(),
  ackDeadlineSeconds: z.number(),
  deadLetterPolicy: z.object({deadLetterTopic: z.string(), maxDeliveryAttempts: z.number()}).optional(),
  pushConfig: z.object({pushEndpoint: z.string()}).optional(),
})

/**
 * What runs once it is deployed: Pub/Sub, functions, BigQuery and the admin API on this machine, with every topic,
 * subscription, variable and permission as the deployment left it in the project.
 */
export async function startDataPlane(state: CloudState) {
  const {projectId} = state
  const of = (collection: string) =>
    [...state.documents].flatMap(([path, document]) =>
      path.includes(`/${collection}/`) ? [[path.slice(path.lastIndexOf('/') + 1), document] as const] : [],
    )
  const [pubSub, bigQuery, adminApi] = await Promise.all([
    startPubSubServer(),
    startBigQuery({projectId}),
    startAdminApi({rootKey, secondsPerOrganization: 0, rateLimits: false}),
  ])
  const slow = await startSlowBigQuery(bigQuery.url)
  const functions = new Map(of('functions').map(([name, document]) => [name, functionSchema.parse(document)]))
  const lines: string[] = []
  const host = await startFunctionHost({
    functionNames: [...functions.keys()],
    onLine: line => void lines.push(line),
    envOf(name) {
      const {environmentVariables = {}, secretEnvironmentVariables = []} = functions.get(name)?.serviceConfig ?? {}
      return {
        ...environmentVariables,
        ...Object.fromEntries(
          secretEnvironmentVariables.map(({key, secret}) => [key, secretValues[secret.replace(/^.*\//, '')] ?? '']),
        ),
        FUNCTION_TARGET: name,
        API_SERVICE_URL: adminApi.url,
        BIGQUERY_EMULATOR_HOST: slow.url,
        PUBSUB_EMULATOR_HOST: pubSub.host,
        METADATA_SERVER_DETECTION: 'none',
      }
    },
  })
  const gateway = await startPushGateway({state, urlOf: host.urlOf})
  await setUpLedger(createBigQuery({projectId, url: bigQuery.url}))
  const rest = ky.create({prefix: `http://${pubSub.host}/v1/`, retry: 0})
  for (const [name] of of('topics')) await rest.put(`projects/${projectId}/topics/${name}`, {json: {}})
  for (const [name, document] of of('subscriptions')) {
    const {topic, filter, ackDeadlineSeconds, deadLetterPolicy, pushConfig} = subscriptionSchema.parse(document)
    const path = pushConfig === undefined ? undefined : new URL(pushConfig.pushEndpoint).pathname
    await rest.put(`projects/${projectId}/subscriptions/${name}`, {
      json: {
        topic,
        ackDeadlineSeconds,
        ...(filter === undefined ? {} : {filter}),
        ...(deadLetterPolicy === undefined ? {} : {deadLetterPolicy}),
        // The backoff alone is shorter than deployed.
        ...(path === undefined
          ? {}
          : {
              pushConfig: {pushEndpoint: `${gateway.url}/${name}${path}`},
              retryPolicy: {minimumBackoff: '0.1s', maximumBackoff: '1s'},
            }),
      },
    })
  }
  const publisher = createMessagePublisher({projectId, host: pubSub.host})
  return {
    pubSubHost: pubSub.host,
    publisher,
    adminApi,
    gateway,
    lines,
    ledger: createRunLedger(createBigQuery({projectId, url: bigQuery.url})),
    async stop() {
      await publisher.close()
      await pubSub.stop()
      await host.stop()
      await Promise.all([gateway.stop(), slow.stop(), adminApi.stop()])
      await bigQuery.stop()
    },
  }
}
