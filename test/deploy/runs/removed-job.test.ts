import assert from 'node:assert/strict'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {writeSandboxFile} from '../../../deploy/local/sandbox-file.ts'
import {createEntry} from '../../support/ledger-entry.ts'
import {startTestSandbox, type TestSandbox} from '../../support/test-sandbox.ts'
import {typeCommand} from '../../support/type-command.ts'

describe('npm run runs -- <env> --job, of a job that was removed', function () {
  this.timeout(60_000)
  let sandbox: TestSandbox
  let sandboxFolder: string

  before(async () => {
    sandboxFolder = await mkdtemp(join(tmpdir(), 'removed-job-'))
    sandbox = await startTestSandbox()
    await writeSandboxFile(sandboxFolder, sandbox.addresses)
    const about = {
      runId: 'weekly-report@1',
      job: 'weekly-report',
      at: new Date(Date.now() - 3 * 86_400_000).toISOString(),
    }
    await sandbox.ledger.claim(createEntry(about))
    await sandbox.ledger.record(createEntry({...about, event: 'succeeded', summary: 'reported'}))
  })
  after(async () => {
    await sandbox.stop()
    await rm(sandboxFolder, {recursive: true})
  })

  const type = (line: string) => typeCommand(line, {sandboxFolder})

  it('lists its runs', async () => {
    const {code, stdout} = await type('npm run runs -- local --job weekly-report')
    assert.equal(code, 0)
    assert.match(stdout, /weekly-report@1 +succeeded .*reported/)
  })

  it("keeps them out of another job's list", async () => {
    assert.doesNotMatch((await type('npm run runs -- local --job bootstrap')).stdout, /weekly-report/)
  })

  it('refuses a name of which the ledger has nothing in that time', async () => {
    for (const words of ['--job weekly-reports', '--job weekly-report --since 1h']) {
      await assert.rejects(type(`npm run runs -- local ${words}`), /there is no job "weekly-reports?"/)
    }
  })
})
