import assert from 'node:assert/strict'
import {startTestSandbox, type TestSandbox} from '../../support/test-sandbox.ts'

const functionName = 'cloudact-manual-bootstrap'

describe('messages that no run can come of', function () {
  this.timeout(90_000)
  let sandbox: TestSandbox
  before(async () => {
    sandbox = await startTestSandbox()
    await sandbox.functions.warm(functionName)
  })
  after(() => sandbox.stop())

  const pidOf = async () => (await sandbox.functions.processOf(functionName))?.pid

  /** Runs `act`, and gives the one dead letter that it makes; the function's process must have lived through it. */
  async function deadLetterOf(act: () => Promise<unknown>) {
    const pid = await pidOf()
    await act()
    const [deadLetter, ...others] = await sandbox.deadLetters(1)
    assert.equal(others.length, 0)
    assert.equal(await pidOf(), pid)
    assert.ok(deadLetter)
    return {
      kind: deadLetter.attributes['deadLetter-kind'],
      reason: deadLetter.attributes['deadLetter-reason'] ?? '',
      deadLetter,
    }
  }

  const refused: readonly {
    title: string
    data: Buffer | string
    attributes?: Record<string, string>
    reason: RegExp
  }[] = [
    {title: 'text that is not JSON', data: 'run bootstrap please', reason: /not JSON.*run bootstrap/},
    {title: 'binary data', data: Buffer.from([0xff, 0xfe, 0x00, 0x9b, 0x31]), reason: /not UTF-8/},
    {title: 'JSON that is no object', data: '["forceSync"]', reason: /not an object/},
    {title: 'an unknown argument', data: '{"forceEverything":true}', reason: /forceEverything/},
    {
      title: 'arguments that exclude each other',
      data: '{"forceSync":true,"forceFresh":true}',
      reason: /exclude each other/,
    },
    {title: 'an argument of the wrong type', data: '{"forceSync":"yes"}', reason: /forceSync: must be true or false/},
    {title: "another job's run id", data: '{}', attributes: {runId: 'daily-alerts@1'}, reason: /runId/},
    {title: 'escape sequences', data: '\u001b]0;owned\u0007\u001b[2Jx', reason: /^[\x20-\x7e…]*$/},
    {title: '10 MB', data: 'x'.repeat(9_999_900), reason: /not JSON/},
  ]
  for (const {title, data, attributes = {}, reason} of refused) {
    it(`sets ${title} aside at once, with a reason`, async () => {
      const found = await deadLetterOf(() => sandbox.publish('manual-jobs', data, {job: 'bootstrap', ...attributes}))
      assert.equal(found.kind, 'unreadable')
      assert.match(found.reason, reason)
      assert.equal(found.deadLetter.attributes['job'], 'bootstrap')
      if (data.length < 1_000_000) assert.deepEqual(found.deadLetter.data, Buffer.from(data))
    })
  }

  it('dead-letters a message for a job that does not exist', async () => {
    const found = await deadLetterOf(() => sandbox.publish('manual-jobs', '{}', {job: 'bootstap'}))
    assert.match(found.reason, /job "bootstap" on manual-jobs: no job has this name/)
  })

  it('sets a message without a job aside', async () => {
    const found = await deadLetterOf(() => sandbox.publish('manual-jobs', '{}'))
    assert.match(found.reason, /no attribute job/)
  })

  it('sets a push aside whose data is not base64', async () => {
    const body = {
      message: {data: '%%%', attributes: {job: 'bootstrap'}, messageId: '1', publishTime: new Date().toISOString()},
      subscription: 's',
    }
    const found = await deadLetterOf(async () => {
      const response = await fetch(`${sandbox.functions.urlOf(functionName)}/projects/p/topics/manual-jobs`, {
        method: 'POST',
        headers: {'content-type': 'application/json'},
        body: JSON.stringify(body),
      })
      assert.equal(response.status, 204)
    })
    assert.match(found.reason, /not base64/)
  })

  it('executed nothing for any of them', () => {
    assert.equal(sandbox.adminApi.requestLog.done.length, 0)
  })

  it('runs a message of attributes alone, as gcloud can publish it', async () => {
    const id = await sandbox.publish('manual-jobs', '', {job: 'bootstrap', runId: 'bootstrap@attributes'})
    assert.ok(id)
    assert.equal((await sandbox.over('bootstrap@attributes')).event, 'succeeded')
  })
})

describe('a wrong root key', function () {
  this.timeout(90_000)

  it('fails the run at once, names the variable, and leaves a dead letter without any key', async () => {
    const wrong = 'a-key-that-is-not-the-right-one'
    const sandbox = await startTestSandbox({functionEnv: {CA_ROOT_API_KEY: wrong}})
    try {
      const end = await sandbox.run('bootstrap', 'wrong-key')
      assert.equal(end.event, 'failed')
      assert.equal(end.attempt, 1)
      assert.equal(end.error?.kind, 'permanent')
      assert.match(end.error?.message ?? '', /CA_ROOT_API_KEY is not the key of this API/)
      const [deadLetter] = await sandbox.deadLetters(1)
      assert.equal(deadLetter?.id, end.error?.deadLetterId)
      const written = JSON.stringify([await sandbox.ledger.history('bootstrap@wrong-key'), deadLetter, sandbox.lines])
      assert.ok(!written.includes(wrong))
    } finally {
      await sandbox.stop()
    }
  })
})
