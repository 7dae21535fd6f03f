import assert from 'node:assert/strict'
import {startPubSubEmulator} from '../support/pubsub-emulator.ts'
import {startTestSandbox, type TestSandbox} from '../support/test-sandbox.ts'

/*
 * The delivery tests, with Google's emulator in the place of the embedded Pub/Sub; `npm run test:emulator` runs them. Its
 * deviation that shows here: it ignores filters, so that the subscription for what no job's filter matches gets every
 * message; that endpoint's dead letters are left out of account.
 */
describe("delivery on Google's emulator", function () {
  this.timeout(120_000)
  let sandbox: TestSandbox

  before(async function () {
    if (process.env['TEST_EMULATOR'] !== '1') {
      process.stdout.write('    runs with npm run test:emulator\n')
      return this.skip()
    }
    sandbox = await startTestSandbox({
      // The emulator is checked for and started once more: there is one to be had, or the tier would not run.
      startPubSub: async () => {
        const emulator = await startPubSubEmulator(line => process.stdout.write(`    ${line}\n`))
        if (emulator === undefined) throw new Error("Google's emulator is not installed")
        return emulator
      },
      // As deployed: the emulator takes no shorter backoff.
      retryPolicy: {minimumBackoffSeconds: 10, maximumBackoffSeconds: 600},
    })
  })
  after(() => sandbox?.stop())

  it('runs a job once, and not at all when its message is published again', async () => {
    const first = await sandbox.run('bootstrap', 'once')
    assert.match(first.summary ?? '', /^fresh bootstrap/)
    await sandbox.publish('manual-jobs', '{}', {job: 'bootstrap', runId: 'bootstrap@once'})
    const second = await sandbox.run('bootstrap', 'after')
    assert.match(second.summary ?? '', /^already in sync/)
    const history = await sandbox.ledger.history('bootstrap@once')
    assert.equal(history.filter(({event}) => event === 'started').length, 1)
  })

  it('sets aside what no run can come of', async () => {
    await sandbox.publish('manual-jobs', 'no JSON', {job: 'bootstrap', runId: 'bootstrap@garbage'})
    const end = await sandbox.over('bootstrap@garbage')
    assert.equal(end.error?.kind, 'unreadable')
    assert.ok(end.error?.deadLetterId)
  })

  it('delivers again what failed in a way that may pass', async () => {
    const response = {status: 500, body: {detail: 'broken'}}
    sandbox.adminApi.faults.order({path: /reset-daily$/, times: 7, kind: 'status', response})
    const end = await sandbox.run('daily-quota-reset', 'again')
    assert.equal(end.event, 'succeeded')
  })
})
