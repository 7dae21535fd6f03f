import assert from 'node:assert/strict'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {loadCatalogue} from '../../deploy/catalogue/catalogue.ts'
import {exitCodes} from '../../deploy/cli/exit-codes.ts'
import {writeSandboxFile} from '../../deploy/local/sandbox-file.ts'
import {startTestSandbox, type TestSandbox} from '../support/test-sandbox.ts'
import {typeCommand} from '../support/type-command.ts'

/* Part of `npm run test:googlesql`: the sandbox's BigQuery sees what every job and every command sends. */
const jobs = await loadCatalogue()

/** The commands that read or write the ledger. */
const lines = [
  'list -- local',
  'runs -- local',
  'runs -- local bootstrap@first',
  'runs -- local --job bootstrap',
  'dead-letters -- local',
  'doctor -- local',
  'publish -- quota-reset local',
  'release -- local --continue --dry-run',
  'replay -- local --all --dry-run',
]

describe('in the sandbox', () => {
  let sandbox: TestSandbox
  let sandboxFolder: string
  before(async () => {
    sandboxFolder = await mkdtemp(join(tmpdir(), 'googlesql-'))
    sandbox = await startTestSandbox({warm: 'cloudact-manual-bootstrap'})
    await writeSandboxFile(sandboxFolder, sandbox.addresses)
    // Everything else needs its tables.
    assert.equal((await sandbox.run('bootstrap', 'first')).event, 'succeeded')
  })
  after(async () => {
    await sandbox.stop()
    await rm(sandboxFolder, {recursive: true})
  })

  for (const {name} of jobs) {
    it(`the job ${name} runs`, async () => {
      const {event, error} = await sandbox.run(name, 'collected')
      assert.notEqual(event, 'failed', JSON.stringify(error))
    })
  }

  it('the quota clean-up measures what it would delete', async () => {
    assert.equal((await sandbox.run('daily-quota-cleanup', 'dry', {dryRun: true})).event, 'succeeded')
  })

  for (const line of lines) {
    it(`the command npm run ${line} is understood`, async () => {
      const {code, stdout, stderr} = await typeCommand(`npm run ${line}`, {sandboxFolder})
      assert.notEqual(code, exitCodes.usage, stdout + stderr)
    })
  }
})
