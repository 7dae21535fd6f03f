import assert from 'node:assert/strict'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {startTestSandbox, type TestSandbox, until} from '../../support/test-sandbox.ts'
import {typeCommand} from '../../support/type-command.ts'

describe('npm run logs, while a sandbox is up', function () {
  this.timeout(60_000)
  let folder: string
  let sandbox: TestSandbox

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'logs-'))
    sandbox = await startTestSandbox({folder})
  })
  after(async () => {
    await sandbox.stop()
    await rm(folder, {recursive: true})
  })
  const type = (line: string) => typeCommand(line, {sandboxFolder: folder})

  it("prints a run's lines, and none of another run of the same job", async () => {
    await sandbox.run('bootstrap', 'one')
    await sandbox.run('bootstrap', 'two', {forceSync: true})
    const {code, stdout} = await type('npm run logs -- local bootstrap@one')
    assert.equal(code, 0)
    assert.match(
      stdout,
      /^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} info {2}bootstrap #1 OpenClaw initializing .*args=\{/m,
    )
    assert.match(stdout, /succeeded/)
    assert.doesNotMatch(stdout, /"forceSync":true/)
    assert.match((await type('npm run logs -- local bootstrap@two')).stdout, /args=\{.*"forceSync":true/)
  })

  it('prints them in the terminal of `npm run local` without the id', () => {
    assert.ok(sandbox.lines.some(line => / bootstrap #1 OpenClaw/.test(line)))
    assert.ok(!sandbox.lines.some(line => line.includes('bootstrap@')), sandbox.lines.join('\n'))
  })

  it('follows a run to its end', async () => {
    await type('npm run faults -- local add api:down')
    const runId = 'bootstrap@followed'
    await sandbox.publish('manual-jobs', '{}', {job: 'bootstrap', runId})
    const following = type(`npm run logs -- local ${runId} --follow`)
    await until('the run has met the fault', async () =>
      sandbox.adminApi.exchanges().find(({fault}) => fault !== undefined),
    )
    await type('npm run faults -- local clear')
    const {code, stdout} = await following
    assert.equal(code, 0)
    assert.match(stdout, /warn {2}bootstrap #1 .*try 1 of 7 failed[\s\S]*succeeded/)
  })

  it('says where it looked, where a run has none', async () => {
    const {code, stderr} = await type('npm run logs -- local bootstrap@nowhere')
    assert.equal(code, 1)
    assert.match(
      stderr,
      /has nothing of bootstrap@nowhere yet\.\nNo log lines of bootstrap@nowhere\. The sandbox keeps/,
    )
  })
})
