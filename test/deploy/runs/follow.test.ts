import assert from 'node:assert/strict'
import {until} from '../../support/test-sandbox.ts'
import {typeCommand} from '../../support/type-command.ts'
import {useSandbox} from '../../support/use-sandbox.ts'

describe('npm run runs -- <env> <run id> --follow', function () {
  this.timeout(60_000)
  const scene = useSandbox()
  const type = (line: string) => typeCommand(line, {sandboxFolder: scene.folder})

  it('waits for the end of a run, also of one that has not started', async () => {
    await type('npm run faults -- local add api:down')
    const runId = 'bootstrap@followed'
    let isOver = false
    const following = type(`npm run runs -- local ${runId} --follow`).finally(() => {
      isOver = true
    })
    await scene.sandbox.publish('manual-jobs', '{}', {job: 'bootstrap', runId})
    await until('the run has met the fault', async () =>
      scene.sandbox.adminApi.exchanges().find(({fault}) => fault !== undefined),
    )
    assert.equal(isOver, false)
    await type('npm run faults -- local clear')
    const {code, stdout} = await following
    assert.equal(code, 0)
    assert.match(stdout, /✔ succeeded in .*: fresh bootstrap: 30 tables created/)
  })

  it('exits as publish would have', async () => {
    await type('npm run faults -- local add org-sync-all:422x*@acme_inc')
    const {event} = await scene.sandbox.run('org-sync-all', 'night')
    assert.equal(event, 'degraded')
    assert.equal((await type('npm run runs -- local org-sync-all@night')).code, 0)
    assert.equal((await type('npm run runs -- local org-sync-all@night --follow')).code, 3)
  })
})
