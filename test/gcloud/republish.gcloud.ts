import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import * as z from 'zod'
import {startTestSandbox, type TestSandbox, until} from '../support/test-sandbox.ts'

const run = promisify(execFile)

const pulledSchema = z
  .array(
    z.object({
      message: z.object({
        messageId: z.string(),
        data: z.string().default(''),
        attributes: z.record(z.string(), z.string()),
      }),
    }),
  )
  .max(1)

/*
 * An operator without this project's commands: pulls a dead letter with gcloud, and publishes it to the topic that it
 * names, data and attributes as they were. The two lines are those of README.md.
 */
describe('a dead letter republished with gcloud', function () {
  this.timeout(240_000)
  let sandbox: TestSandbox
  let config: string
  before(async () => {
    config = await mkdtemp(join(tmpdir(), 'gcloud-'))
    sandbox = await startTestSandbox()
  })
  after(async () => {
    await sandbox.stop()
    await rm(config, {recursive: true})
  })

  async function gcloud(args: readonly string[]): Promise<string> {
    const {stdout} = await run('gcloud', [...args], {
      env: {
        PATH: process.env['PATH'],
        HOME: config,
        CLOUDSDK_CONFIG: config,
        CLOUDSDK_CORE_PROJECT: 'cloudact-local',
        CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
        CLOUDSDK_AUTH_DISABLE_CREDENTIALS: 'true',
        CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true',
        CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: 'true',
        CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB: `http://${sandbox.addresses.pubSubHost}/`,
      },
    })
    return stdout
  }

  async function pull() {
    return until('gcloud has pulled a dead letter', async () => {
      const args = ['pubsub', 'subscriptions', 'pull', 'dead-letters', '--auto-ack', '--limit=1', '--format=json']
      return pulledSchema.parse(JSON.parse(await gcloud(args)))[0]?.message
    })
  }

  async function publish(
    {data, attributes}: {data: string; attributes: Record<string, string>},
    topic = attributes['deadLetter-sourceTopic'] ?? '',
  ): Promise<void> {
    const text = Buffer.from(data, 'base64').toString()
    // ^%%%^ has gcloud split at %%%, since reasons hold commas. Source: `gcloud topic escaping`.
    const pairs = Object.entries(attributes).map(([name, value]) => `${name}=${value}`)
    await gcloud(['pubsub', 'topics', 'publish', topic, `--message=${text}`, `--attribute=^%%%^${pairs.join('%%%')}`])
  }

  /** The nth end of a run. */
  const ended = (runId: string, count: number) =>
    until(`${runId} has ended ${count} times`, async () => {
      const history = await sandbox.ledger.history(runId)
      const ends = history.filter(
        ({event, error}) => event === 'succeeded' || (event === 'failed' && error?.kind !== undefined),
      )
      return ends.length >= count ? ends.at(-1) : undefined
    })
  const done = (operation: string) =>
    sandbox.adminApi.requestLog.done.filter(entry => entry.operation === operation).length

  it('runs again what was refused, as a replay of the same run', async () => {
    const response = {status: 400, body: {detail: 'no, never'}}
    sandbox.adminApi.faults.inject({path: /bootstrap\/status$/, kind: 'status', response})
    assert.equal((await sandbox.run('bootstrap', 'refused')).error?.kind, 'permanent')
    await publish(await pull())
    assert.equal((await ended('bootstrap@refused', 2)).event, 'succeeded')
    const started = (await sandbox.ledger.history('bootstrap@refused')).filter(({event}) => event === 'started')
    assert.deepEqual(
      started.map(({trigger}) => trigger),
      ['manual', 'replay'],
    )
  })

  it('dead-letters again what can’t be read, one replay later', async () => {
    await sandbox.publish('manual-jobs', 'no JSON', {job: 'bootstrap', runId: 'bootstrap@garbage'})
    const first = await pull()
    assert.equal(first.attributes['deadLetter-kind'], 'unreadable')
    await publish(first)
    const second = await pull()
    assert.deepEqual(
      [second.attributes['deadLetter-kind'], second.attributes['deadLetter-replays']],
      ['unreadable', '1'],
    )
    assert.notEqual(second.messageId, first.messageId)
  })

  it('executes an unknown outcome only with the attribute that says it was checked, and once', async () => {
    const sent = done('process-alerts')
    sandbox.adminApi.faults.inject({method: 'POST', path: /alerts/, kind: 'reset-after'})
    assert.equal((await sandbox.run('daily-alerts', 'unclear')).error?.kind, 'unknown outcome')
    assert.equal(done('process-alerts'), sent + 1)
    await publish(await pull())
    const again = await pull()
    assert.equal(again.attributes['deadLetter-kind'], 'unknown outcome')
    assert.equal(done('process-alerts'), sent + 1)
    const named = /\b(checkedAttempt)=(\d+)/.exec(again.attributes['deadLetter-reason'] ?? '')
    assert.ok(named?.[1] !== undefined && named[2] !== undefined, again.attributes['deadLetter-reason'])
    await publish({data: again.data, attributes: {...again.attributes, [named[1]]: named[2]}})
    const end = await until('it has succeeded', async () =>
      (await sandbox.ledger.history('daily-alerts@unclear')).find(({event}) => event === 'succeeded'),
    )
    assert.equal(end.event, 'succeeded')
    assert.equal(done('process-alerts'), sent + 2)
  })

  it('runs what Pub/Sub moved by itself', async () => {
    await sandbox.publish('dead-letters', '{}', {
      job: 'bootstrap',
      runId: 'bootstrap@moved',
      CloudPubSubDeadLetterSourceSubscription: 'cloudact-manual-bootstrap',
      CloudPubSubDeadLetterSourceSubscriptionProject: 'cloudact-local',
      CloudPubSubDeadLetterSourceDeliveryCount: '20',
      CloudPubSubDeadLetterSourceTopicPublishTime: new Date().toISOString(),
    })
    await publish(await pull(), 'manual-jobs')
    const end = await ended('bootstrap@moved', 1)
    assert.deepEqual([end.event, end.trigger], ['succeeded', 'replay'])
  })
})
