import assert from 'node:assert/strict'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import ky from 'ky'
import * as z from 'zod'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import {pushSubscriptionsOf} from '../../../deploy/catalogue/subscriptions.ts'
import {writeSandboxFile} from '../../../deploy/local/sandbox-file.ts'
import {startTestSandbox, type TestSandbox} from '../../support/test-sandbox.ts'
import {typeCommand} from '../../support/type-command.ts'

describe('npm run doctor in the sandbox', function () {
  this.timeout(60_000)
  const functionEnv: Record<string, string> = {}
  let sandbox: TestSandbox
  let sandboxFolder: string

  before(async () => {
    sandboxFolder = await mkdtemp(join(tmpdir(), 'doctor-'))
    sandbox = await startTestSandbox({functionEnv})
    await writeSandboxFile(sandboxFolder, sandbox.addresses)
  })
  after(async () => {
    await sandbox.stop()
    await rm(sandboxFolder, {recursive: true})
  })

  const type = (line: string) => typeCommand(line, {sandboxFolder})

  it('finds everything there', async () => {
    const {code, stdout} = await type('npm run doctor -- local')
    assert.equal(code, 0, stdout)
    const subscriptions = pushSubscriptionsOf(await loadCatalogue()).length
    assert.match(stdout, new RegExp(`^✔ subscriptions +${subscriptions} as declared$`, 'm'))
    assert.match(stdout, /^✔ run ledger +answers$/m)
    assert.match(stdout, /^✔ root key +accepted; /m)
    assert.match(stdout, /^Everything is there\.$/m)
  })

  for (const [variable, value, found] of [
    ['API_SERVICE_URL', 'http://127.0.0.1:1', /^✖ admin API +http:\/\/127\.0\.0\.1:1 does not answer: /m],
    ['CA_ROOT_API_KEY', 'last-weeks-key', /^✖ root key +.*CA_ROOT_API_KEY is not the key of this API/m],
  ] as const) {
    it(`asks what the functions were given: ${variable}`, async () => {
      functionEnv[variable] = value
      try {
        const {code, stdout} = await type('npm run doctor -- local')
        assert.equal(code, 1)
        assert.match(stdout, found)
        assert.doesNotMatch(stdout, /last-weeks-key/)
        assert.match(stdout, /^1 thing is wrong\.$/m)
      } finally {
        delete functionEnv[variable]
      }
    })
  }

  it('lets npm run migrations read what the sandbox would apply', async () => {
    const {code, stdout} = await type('npm run migrations -- local --json')
    assert.equal(code, 0, stdout)
    const {next} = z.object({next: z.object({files: z.array(z.object({name: z.string()}))})}).parse(JSON.parse(stdout))
    assert.deepEqual(next.files.map(({name}) => name)[0], '01_tracking_table.sql')
  })

  it('shows a paused schedule, which is nothing wrong', async () => {
    await type('npm run pause -- local alerts')
    const {code, stdout} = await type('npm run doctor -- local')
    assert.equal(code, 0)
    assert.match(stdout, /^! paused schedules +daily-alerts\n +→ npm run resume -- local daily-alerts$/m)
    await type('npm run resume -- local alerts')
  })

  it('says what is gone and what to do, and exits with 1', async () => {
    const {pubSubHost} = sandbox.addresses
    await ky.delete(`http://${pubSubHost}/v1/projects/cloudact-local/subscriptions/cloudact-daily-alerts`)
    const {code, stdout} = await type('npm run doctor -- local')
    assert.equal(code, 1)
    assert.match(
      stdout,
      /^✖ subscriptions +cloudact-daily-alerts is not there\n +→ end the sandbox and start it again/m,
    )
    assert.match(stdout, /^1 thing is wrong\.$/m)
  })
})
