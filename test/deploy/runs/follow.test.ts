import assert from 'node:assert/strict'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {startTestSandbox, type TestSandbox, until} from '../../support/test-sandbox.ts'
import {typeCommand} from '../../support/type-command.ts'

describe('npm run runs -- <env> <run id> --follow', function () {
  this.timeout(60_000)
  let folder: string
  let sandbox: TestSandbox

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'follow-'))
    sandbox = await startTestSandbox({folder})
  })
  after(async () => {
    await sandbox.stop()
    await rm(folder, {recursive: true})
  })
  const type = (line: string) => typeCommand(line, {sandboxFolder: folder})

  it('waits for the end of a run, also of one that has not started', async () => {
    await type('npm run faults -- local add api:down')
    const runId = 'bootstrap@followed'
    let isOver = false
    const following = type(`npm run runs -- local ${runId} --follow`).finally(() => {
      isOver = true
    })
    await sandbox.publish('manual-jobs', '{}', {job: 'bootstrap', runId})
    await until('the run has met the fault', async () =>
      sandbox.adminApi.exchanges().find(({fault}) => fault !== undefined),
    )
    assert.equal(isOver, false)
    await type('npm run faults -- local clear')
    const {code, stdout} = await following
    assert.equal(code, 0)
    assert.match(stdout, /✔ succeeded in .*: fresh bootstrap: 30 tables created/)
  })

  it('exits as publish would have', async () => {
    await type('npm run faults -- local add org-sync-all:422x*@acme_inc')
    const {event} = await sandbox.run('org-sync-all', 'night')
    assert.equal(event, 'degraded')
    assert.equal((await type('npm run runs -- local org-sync-all@night')).code, 0)
    assert.equal((await type('npm run runs -- local org-sync-all@night --follow')).code, 3)
  })
})
