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
    assert.match(stdout, /^All checks passed\.$/m)
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

  it('names the injected faults, and clearing them as the fix for what they break', async () => {
    const clear = '\\n +→ npm run faults -- local clear$'
    const withFaults = async (specs: string) => {
      await type(`npm run faults -- local add ${specs}`)
      try {
        return await type('npm run doctor -- local')
      } finally {
        await type('npm run faults -- local clear')
      }
    }
    const down = await withFaults('api:down supabase:403x*')
    assert.equal(down.code, 1)
    assert.match(down.stdout, new RegExp(`^! faults +api:down; supabase:403x\\*${clear}`, 'm'))
    assert.match(down.stdout, new RegExp(`^✖ admin API +.* does not answer: .*${clear}`, 'm'))
    assert.match(down.stdout, new RegExp(`^✖ Supabase token +.*${clear}`, 'm'))
    const elsewhere = await withFaults('bootstrap:500x2 api:500@acme_inc')
    assert.equal(elsewhere.code, 0, elsewhere.stdout)
    assert.match(
      elsewhere.stdout,
      new RegExp(`^! faults +bootstrap:500x2 \\(2 left\\); api:500@acme_inc \\(1 left\\)${clear}`, 'm'),
    )
    assert.match(elsewhere.stdout, /^Nothing is wrong; 1 warning\.$/m)
  })

  it('asks the run ledger as the functions do', async () => {
    await type('npm run faults -- local add ledger:403x*')
    try {
      const {code, stdout} = await type('npm run doctor -- local')
      assert.equal(code, 1, stdout)
      assert.match(stdout, /^✖ run ledger +the functions can't use it: .*403[^→]*\n +→ npm run faults -- local clear$/m)
      assert.match(stdout, /^1 thing is wrong\.$/m)
    } finally {
      await type('npm run faults -- local clear')
    }
  })

  it('does not blame a fault for what it cannot have broken', async () => {
    functionEnv['API_SERVICE_URL'] = 'http://127.0.0.1:1'
    await type('npm run faults -- local add api:down')
    try {
      const {stdout} = await type('npm run doctor -- local')
      assert.match(stdout, /^✖ admin API +.*\n +→ .*without --env API_SERVICE_URL/m)
    } finally {
      delete functionEnv['API_SERVICE_URL']
      await type('npm run faults -- local clear')
    }
  })

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
    assert.match(stdout, /^Nothing is wrong; 1 warning\.$/m)
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

describe('npm run doctor of a sandbox whose functions were given something else', function () {
  this.timeout(60_000)
  const functionEnv: Record<string, string> = {}
  let sandbox: TestSandbox
  let sandboxFolder: string

  before(async () => {
    sandboxFolder = await mkdtemp(join(tmpdir(), 'doctor-given-'))
    // Declared after it started.
    const jobs = (await loadCatalogue()).filter(({name}) => name !== 'daily-alerts')
    sandbox = await startTestSandbox({functionEnv, jobs})
    await writeSandboxFile(sandboxFolder, sandbox.addresses)
  })
  afterEach(() => {
    for (const name of Object.keys(functionEnv)) delete functionEnv[name]
  })
  after(async () => {
    await sandbox.stop()
    await rm(sandboxFolder, {recursive: true})
  })

  const examine = async (env: Record<string, string> = {}) => {
    const {code, stdout} = await typeCommand('npm run doctor -- local', {sandboxFolder, env})
    return {code, stdout: stdout.replaceAll(/\n +→ /g, ' → ')}
  }

  it('finds the functions with what they have of their own', async () => {
    const {stdout} = await examine()
    assert.match(stdout, /^✔ admin API +http:\/\/127\.0\.0\.1:\d+, release/m)
    assert.match(stdout, /^✔ root key +accepted; bootstrap status is /m)
    assert.match(stdout, /^✔ Supabase token +accepted$/m)
  })

  it('names a job that was declared after the sandbox started', async () => {
    const {code, stdout} = await examine()
    assert.equal(code, 1)
    assert.match(stdout, /^✖ functions +daily-alerts is declared, but not served → end the sandbox and start it again/m)
  })

  it('asks the API that the functions ask', async () => {
    functionEnv['API_SERVICE_URL'] = 'http://127.0.0.1:1'
    const {code, stdout} = await examine()
    assert.equal(code, 1)
    assert.match(stdout, /^✖ admin API +http:\/\/127\.0\.0\.1:1 does not answer: .* → .*without --env API_SERVICE_URL/m)
    assert.match(stdout, /^! variables +the functions have, by --env: API_SERVICE_URL$/m)
    assert.doesNotMatch(stdout, /root key/)
  })

  it("tries the functions' own keys, and shows none", async () => {
    functionEnv['CA_ROOT_API_KEY'] = 'wrong-key-wrong-key'
    functionEnv['SUPABASE_ACCESS_TOKEN'] = 'sbp_wrong-token'
    const {code, stdout} = await examine()
    assert.equal(code, 1)
    assert.match(stdout, /^✖ root key +.*40[13].* → .*CA_ROOT_API_KEY/m)
    assert.match(stdout, /^✖ Supabase token +.*40[13].* → .*SUPABASE_ACCESS_TOKEN/m)
    assert.doesNotMatch(stdout, /wrong-/)
  })

  it('says what no function can start with', async () => {
    functionEnv['ENVIRONMENT'] = 'nonsense'
    functionEnv['DAYS_TO_KEEP'] = 'many'
    const {code, stdout} = await examine()
    assert.equal(code, 1)
    assert.match(stdout, /^✖ configuration +ENVIRONMENT: .*; DAYS_TO_KEEP: must be a whole number/m)
  })

  it("doesn't ignore an API that the shell names", async () => {
    const {stdout} = await examine({API_SERVICE_URL: 'http://127.0.0.1:1/'})
    assert.match(
      stdout,
      /^! admin API +this shell's API_SERVICE_URL is not what the functions have, so it was not checked → .*npm run local -- --env API_SERVICE_URL=/m,
    )
    functionEnv['API_SERVICE_URL'] = 'http://127.0.0.1:1'
    assert.doesNotMatch((await examine({API_SERVICE_URL: 'http://127.0.0.1:1/'})).stdout, /this shell/)
  })
})
