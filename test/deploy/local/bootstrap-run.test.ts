import assert from 'node:assert/strict'
import {startTestSandbox, type TestSandbox, until} from '../../support/test-sandbox.ts'

describe('bootstrap in the sandbox', function () {
  this.timeout(90_000)
  let sandbox: TestSandbox
  before(async () => {
    sandbox = await startTestSandbox({concurrency: 2, functionEnv: {LEASE_SECONDS: '2'}})
  })
  after(() => sandbox.stop())

  const done = (operation: string) =>
    sandbox.adminApi.requestLog.done.filter(entry => entry.operation === operation).length
  const pushBody = (runId: string, messageId: string) => ({
    message: {
      data: Buffer.from(JSON.stringify({forceSync: true})).toString('base64'),
      attributes: {job: 'bootstrap', runId, trigger: 'manual'},
      messageId,
      publishTime: new Date().toISOString(),
    },
    subscription: 'projects/cloudact-local/subscriptions/cloudact-manual-bootstrap',
  })
  const push = (body: unknown) =>
    fetch(`${sandbox.functions.urlOf('cloudact-manual-bootstrap')}/projects/cloudact-local/topics/manual-jobs`, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify(body),
    })

  it('creates everything, then finds it in sync, then syncs when it is forced to', async () => {
    const fresh = await sandbox.run('bootstrap', '1')
    assert.equal(fresh.event, 'succeeded')
    assert.match(fresh.summary ?? '', /^fresh bootstrap: \d+ tables created$/)
    assert.equal(fresh.counts?.['tablesCreated'], Object.keys(sandbox.adminApi.dataset.tables() ?? {}).length)
    assert.equal(
      (await sandbox.run('bootstrap', '2')).summary,
      `already in sync: ${fresh.counts?.['tablesCreated']} tables`,
    )
    assert.match((await sandbox.run('bootstrap', '3', {forceSync: true})).summary ?? '', /^synced: 0 tables created/)
    assert.equal(sandbox.adminApi.requestLog.destructions.length, 0)
  })

  it('writes no more than two ledger statements for a run that succeeds', async () => {
    const before = await sandbox.bigQuery.execute('SELECT count(*) AS jobs FROM sandbox.jobs')
    await push(pushBody('bootstrap@statements', 'statements'))
    const after = await sandbox.bigQuery.execute('SELECT count(*) AS jobs FROM sandbox.jobs')
    assert.equal(Number(after[0]?.['jobs']) - Number(before[0]?.['jobs']), 2)
  })

  it('runs once when its message is delivered twice at once, and not at all when it comes again', async () => {
    const before = done('bootstrap-sync')
    const [first, second] = await Promise.all([
      push(pushBody('bootstrap@twice', 'twice')),
      push(pushBody('bootstrap@twice', 'twice')),
    ])
    assert.deepEqual([first.status, second.status], [204, 204])
    assert.equal(done('bootstrap-sync'), before + 1)
    assert.equal((await push(pushBody('bootstrap@twice', 'twice'))).status, 204)
    assert.equal(done('bootstrap-sync'), before + 1)
    const history = await sandbox.ledger.history('bootstrap@twice')
    assert.equal(history.filter(({event}) => event === 'started').length, 1)
    assert.equal(history.filter(({event}) => event === 'duplicate').length, 2)
  })

  it('is attempted again when its process is killed in the middle', async () => {
    sandbox.adminApi.faults.inject({path: /bootstrap\/status$/, kind: 'slow', delayMilliseconds: 60_000})
    const running = sandbox.run('bootstrap', 'killed')
    await until('the attempt has started', async () => {
      const history = await sandbox.ledger.history('bootstrap@killed')
      return history.length > 0 && sandbox.adminApi.faults.pending() === 0 ? history : undefined
    })
    const victim = await sandbox.functions.processOf('cloudact-manual-bootstrap')
    await victim?.end('SIGKILL')
    const end = await running
    assert.equal(end.event, 'succeeded')
    assert.equal(end.attempt, 2)
  })

  it('hands over when its instance is told to stop, and the next attempt succeeds', async () => {
    sandbox.adminApi.faults.inject({path: /bootstrap\/status$/, kind: 'slow', delayMilliseconds: 60_000})
    const running = sandbox.run('bootstrap', 'stopped')
    await until('the request has come', async () => (sandbox.adminApi.faults.pending() === 0 ? true : undefined))
    const instance = await sandbox.functions.processOf('cloudact-manual-bootstrap')
    await instance?.end('SIGTERM')
    assert.equal((await running).event, 'succeeded')
    const history = await sandbox.ledger.history('bootstrap@stopped')
    const stopped = history.find(({event}) => event === 'failed')
    assert.equal(stopped?.error?.name, 'InterruptedError')
    assert.equal(stopped?.error?.disposition, 'transient')
  })

  it('sits out an API that breaks off, refuses and comes back', async () => {
    const path = /bootstrap\/status$/
    sandbox.adminApi.faults.inject({path, kind: 'reset-before'})
    sandbox.adminApi.faults.inject({path, kind: 'truncate'})
    sandbox.adminApi.faults.inject({path, kind: 'status', response: {status: 503, body: {detail: 'starting'}}})
    const end = await sandbox.run('bootstrap', 'unsteady')
    assert.equal(end.event, 'succeeded')
    assert.equal(end.attempt, 1)
    assert.equal(sandbox.adminApi.faults.pending(), 0)
  })
})

describe('bootstrap with little time', function () {
  this.timeout(90_000)

  it('leaves a longer outage to the next deliveries, with a backoff', async () => {
    const sandbox = await startTestSandbox({functionEnv: {JOB_TIMEOUT_SECONDS: '1'}})
    try {
      const response = {status: 500, body: {detail: 'broken'}}
      sandbox.adminApi.faults.inject({path: /bootstrap\/status$/, times: 4, kind: 'status', response})
      const end = await sandbox.run('bootstrap', 'outage')
      assert.equal(end.event, 'succeeded')
      const history = await sandbox.ledger.history('bootstrap@outage')
      const failures = history.filter(({event}) => event === 'failed')
      assert.ok(failures.length >= 1)
      assert.ok(failures.every(({error}) => error?.disposition === 'transient' && error.kind === undefined))
      assert.equal(end.attempt, failures.length + 1)
    } finally {
      await sandbox.stop()
    }
  })

  it('becomes a dead letter when every attempt fails, with the reason', async () => {
    const sandbox = await startTestSandbox({functionEnv: {JOB_TIMEOUT_SECONDS: '1'}})
    try {
      const response = {status: 500, body: {detail: 'broken \u001b[31mfor good'}}
      sandbox.adminApi.faults.inject({path: /bootstrap\/status$/, times: 1000, kind: 'status', response})
      const end = await sandbox.run('bootstrap', 'exhausted')
      assert.equal(end.event, 'failed')
      assert.equal(end.error?.kind, 'exhausted')
      assert.equal(end.attempt, 5)
      const [deadLetter] = await sandbox.deadLetters(1)
      assert.equal(deadLetter?.id, end.error?.deadLetterId)
      // On a machine that is busy the second may be over before the API has answered.
      const reason = deadLetter?.attributes['deadLetter-reason'] ?? ''
      assert.match(reason, /HTTP 500, request_id \S+: broken for good|the time was up after 1 s/)
      assert.ok(!reason.includes('\u001b'))
    } finally {
      await sandbox.stop()
    }
  })
})
