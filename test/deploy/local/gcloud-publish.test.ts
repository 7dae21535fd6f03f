import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {startTestSandbox, until} from '../../support/test-sandbox.ts'

const run = promisify(execFile)

describe('gcloud against the sandbox', function () {
  this.timeout(120_000)

  it('publishes a message that runs bootstrap', async function () {
    const isInstalled = await run('gcloud', ['--version']).then(
      () => true,
      () => false,
    )
    if (!isInstalled) {
      process.stdout.write('    gcloud is not installed: this test needs it\n')
      return this.skip()
    }
    const sandbox = await startTestSandbox()
    const config = await mkdtemp(join(tmpdir(), 'gcloud-'))
    try {
      await run('gcloud', ['pubsub', 'topics', 'publish', 'manual-jobs', '--attribute=job=bootstrap', '--message={}'], {
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
      const end = await until('the run is in the ledger', async () => {
        const entries = await sandbox.ledger.since(new Date(0), {job: 'bootstrap'})
        return entries.find(({event}) => event === 'succeeded')
      })
      assert.match(end.runId, /^bootstrap@[0-9A-Z]{26}$/)
      assert.match(end.summary ?? '', /^fresh bootstrap/)
    } finally {
      await sandbox.stop()
      await rm(config, {recursive: true})
    }
  })
})
