import assert from 'node:assert/strict'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {startTestSandbox, until} from '../../support/test-sandbox.ts'

describe('a sandbox that is stopped and started again', function () {
  this.timeout(120_000)
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'restart-'))
  })
  afterEach(() => rm(folder, {recursive: true}))

  /** More often than a message has deliveries. */
  async function lookSixTimes(): Promise<void> {
    for (let times = 0; times < 6; times += 1) {
      const looking = await startTestSandbox({folder, pausesDelivery: true})
      await looking.stop()
    }
  }

  it('carries out what was published, however often somebody only looked meanwhile', async () => {
    const first = await startTestSandbox({folder, pausesDelivery: true})
    await first.publish('manual-jobs', '{}', {job: 'bootstrap', runId: 'bootstrap@1', requestedBy: 'test'})
    await first.stop()
    await lookSixTimes()
    const last = await startTestSandbox({folder})
    const {event, attempt} = await last.over('bootstrap@1')
    assert.deepEqual([event, attempt], ['succeeded', 1])
    await last.stop()
  })

  it('goes on with a run that it was stopped in the middle of', async () => {
    const first = await startTestSandbox({folder})
    first.adminApi.faults.inject({path: /bootstrap\/status$/, kind: 'slow', delayMilliseconds: 20_000})
    await first.publish('manual-jobs', '{}', {job: 'bootstrap', runId: 'bootstrap@2', requestedBy: 'test'})
    await until('the run has begun', async () => {
      const history = await first.ledger.history('bootstrap@2')
      return history.some(({event}) => event === 'started') ? true : undefined
    })
    await first.stop()
    await lookSixTimes()
    const last = await startTestSandbox({folder})
    assert.equal((await last.over('bootstrap@2')).event, 'succeeded')
    await last.stop()
  })
})
