import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import {existsSync} from 'node:fs'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'
import {promisify, stripVTControlCharacters} from 'node:util'
import {projectRoot} from '../../../deploy/catalogue/catalogue.ts'
import {clientLines} from '../../../deploy/local/client-lines.ts'
import {type PubSubServer, startPubSubServer} from '../../../deploy/local/pubsub/server/server.ts'
import {createRestClient, pullSome, textOf} from './pubsub/rest-client.ts'

const topic = 'projects/cloudact-local/topics/manual-jobs'
const subscription = 'projects/cloudact-local/subscriptions/watched'

describe('the lines with which other programs reach the sandbox', function () {
  this.timeout(60_000)
  let server: PubSubServer
  let home: string
  let lines: string[]

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'lines-'))
    server = await startPubSubServer()
    const rest = createRestClient(server.host)
    await rest('PUT', topic, {})
    await rest('PUT', subscription, {topic})
    lines = clientLines(server.host).map(line => stripVTControlCharacters(line))
  })
  after(async () => {
    await server.stop()
    await rm(home, {recursive: true})
  })

  /** As it is pasted into a shell that knows of no cloud. */
  async function paste(script: string): Promise<void> {
    const env = {PATH: process.env['PATH'], HOME: home, CLOUDSDK_CONFIG: home, CLOUDSDK_CORE_DISABLE_PROMPTS: '1'}
    await promisify(execFile)('sh', ['-c', script], {cwd: projectRoot, env, timeout: 50_000})
    const [message] = await pullSome(createRestClient(server.host), subscription)
    assert.ok(message !== undefined)
    assert.deepEqual([textOf(message), message.message.attributes], ['{}', {job: 'bootstrap'}])
    const ackIds = [message.ackId]
    await createRestClient(server.host)('POST', `${subscription}:acknowledge`, {ackIds})
  }

  it('publish with gcloud', async function () {
    const isInstalled = (process.env['PATH'] ?? '').split(delimiter).some(folder => existsSync(join(folder, 'gcloud')))
    if (!isInstalled) {
      process.stdout.write('    gcloud is not installed: its line is not tried\n')
      return this.skip()
    }
    const from = lines.findIndex(line => line.includes('CLOUDSDK_'))
    const to = lines.findIndex(line => line.includes('gcloud pubsub'))
    await paste(lines.slice(from, to + 1).join('\n'))
  })

  it("publish with Google's client for Node.js", async () => {
    const chosen = lines.filter(line => /^ +(?:export|node) /.test(line))
    assert.equal(chosen.length, 2)
    await paste(`export METADATA_SERVER_DETECTION=none\n${chosen.join('\n')}`)
  })

  it("publish with Google's client for Python", async function () {
    const found = await promisify(execFile)('python', ['-c', 'import google.cloud.pubsub_v1']).catch(() => undefined)
    if (found === undefined) {
      process.stdout.write("    Google's client for Python is not installed: its line is not tried\n")
      return this.skip()
    }
    await paste(lines.filter(line => /^ +(?:export|python) /.test(line)).join('\n'))
  })
})
