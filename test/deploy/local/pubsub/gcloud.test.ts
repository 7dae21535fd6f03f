import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import {existsSync} from 'node:fs'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'
import {promisify} from 'node:util'
import {type PubSubServer, startPubSubServer} from '../../../../deploy/local/pubsub/server/server.ts'
import {createRestClient, pullNow} from './rest-client.ts'

const run = promisify(execFile)

describe('the embedded Pub/Sub and gcloud', () => {
  let server: PubSubServer
  let configFolder: string

  before(async function () {
    const folders = (process.env['PATH'] ?? '').split(delimiter)
    const isInstalled = folders.some(folder => existsSync(join(folder, 'gcloud')))
    if (!isInstalled) {
      process.stdout.write('    gcloud is not installed: its tests are left out\n')
      this.skip()
    }
    configFolder = await mkdtemp(join(tmpdir(), 'gcloud-'))
    server = await startPubSubServer()
  })
  after(async () => {
    await server?.stop()
    if (configFolder !== undefined) await rm(configFolder, {recursive: true})
  })

  async function gcloud(...args: string[]): Promise<string> {
    const {stdout} = await run('gcloud', args, {
      env: {
        ...process.env,
        CLOUDSDK_CONFIG: configFolder,
        CLOUDSDK_CORE_PROJECT: 'cloudact-local',
        CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
        CLOUDSDK_AUTH_DISABLE_CREDENTIALS: 'true',
        CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true',
        CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: 'true',
        CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB: `http://${server.host}/`,
      },
    })
    return stdout
  }

  it('publishes a message with gcloud', async () => {
    const rest = createRestClient(server.host)
    const topic = 'projects/cloudact-local/topics/manual-jobs'
    const subscription = 'projects/cloudact-local/subscriptions/manual-bootstrap'
    await rest('PUT', topic, {})
    await rest('PUT', subscription, {topic, filter: 'attributes.job = "bootstrap"'})
    const printed = await gcloud(
      'pubsub',
      'topics',
      'publish',
      'manual-jobs',
      '--attribute=job=bootstrap',
      '--message={}',
    )
    const [message] = (await pullNow(rest, subscription)).map(pulled => pulled.message)
    assert.equal(message?.data, 'e30=')
    assert.deepEqual(message?.attributes, {job: 'bootstrap'})
    assert.match(printed, new RegExp(`'${message?.messageId}'`))
  })

  it('shows gcloud a refusal that it can read', async () => {
    await assert.rejects(gcloud('pubsub', 'topics', 'describe', 'not-there'), /NOT_FOUND: Resource not found/)
  })
})
