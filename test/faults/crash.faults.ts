import assert from 'node:assert/strict'
import {startTestSandbox, type TestSandbox, until} from '../support/test-sandbox.ts'

/* The one moment that chance seldom meets: the work is done, and the outcome is on its way to the ledger. */
describe('a crash while the outcome is being written', function () {
  this.timeout(120_000)
  let sandbox: TestSandbox
  before(async () => {
    sandbox = await startTestSandbox({functionEnv: {LEASE_SECONDS: '2'}})
  })
  after(() => sandbox.stop())

  /** Lets the job's API call come, then breaks off the next ledger write and kills the function in it. */
  async function crashAtOutcome(functionName: string, path: RegExp): Promise<void> {
    const {adminApi, bigQuery, functions} = sandbox
    adminApi.faults.inject({path, kind: 'slow', delayMilliseconds: 300})
    await until('the call of the API', async () => (adminApi.faults.pending() === 0 ? true : undefined))
    bigQuery.faults.inject({method: 'POST', path: /\/jobs$/, kind: 'reset-before', delayMilliseconds: 300, times: 3})
    await until('the write of the outcome', async () => (bigQuery.faults.pending() < 3 ? true : undefined))
    await (await functions.processOf(functionName))?.end('SIGKILL')
    bigQuery.faults.clear()
  }

  it('runs an idempotent job once more', async () => {
    const running = sandbox.run('daily-quota-reset', 'crash')
    await crashAtOutcome('cloudact-daily-quota-reset', /reset-daily$/)
    const end = await running
    assert.equal(end.event, 'succeeded')
    assert.equal(end.attempt, 2)
  })

  it('dead-letters one that isn’t idempotent, outcome unknown, and does not run it again', async () => {
    const running = sandbox.run('daily-alerts', 'crash')
    await crashAtOutcome('cloudact-daily-alerts', /process-all$/)
    const end = await running
    assert.equal(end.error?.kind, 'unknown outcome')
    const calls = sandbox.adminApi.requestLog.done.filter(({operation}) => operation === 'process-alerts')
    assert.equal(calls.length, 1)
  })
})
