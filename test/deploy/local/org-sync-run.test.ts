import assert from 'node:assert/strict'
import {startTestSandbox, type TestSandbox, until} from '../../support/test-sandbox.ts'

const functionName = 'cloudact-manual-org-sync-all'
// Ten at a time need 4 s, and a part takes on nothing new after 1.6: there are three parts at least.
const organizations = 400
const secondsPerOrganization = 0.1
const jobTimeoutSeconds = 2

describe('org-sync-all in the sandbox', function () {
  this.timeout(90_000)
  let sandbox: TestSandbox
  before(async () => {
    sandbox = await startTestSandbox({
      functionEnv: {LEASE_SECONDS: '2', JOB_TIMEOUT_SECONDS: String(jobTimeoutSeconds)},
      adminApi: {organizations, secondsPerOrganization, instances: 10},
    })
  })
  after(() => sandbox.stop())

  const synced = () => sandbox.adminApi.requestLog.done.filter(({operation}) => operation === 'sync-organization')
  const timesOf = () => Map.groupBy(synced(), ({orgSlug}) => orgSlug)

  it('fails, and says what to run first, before bootstrap', async () => {
    const {event, error} = await sandbox.run('org-sync-all', '1')
    assert.deepEqual([event, error?.kind, synced().length], ['failed', 'permanent', 0])
    assert.match(error?.message ?? '', /run bootstrap first: npm run publish -- bootstrap local$/)
    await sandbox.deadLetters(1)
  })

  it('syncs every organization in several messages, though its process is killed in the second', async () => {
    await sandbox.run('bootstrap', '1')
    const over = sandbox.run('org-sync-all', '2')
    const first = await until('the second part has begun', async () => {
      const history = await sandbox.ledger.history('org-sync-all@2')
      return history.some(({event, part}) => event === 'started' && part === 2) ? synced().length : undefined
    })
    await until('the second part has synced some', async () => (synced().length > first + 20 ? true : undefined))
    await (await sandbox.functions.processOf(functionName))?.end('SIGKILL')

    const {event, counts, summary} = await over
    assert.deepEqual([event, summary?.slice(0, 24)], ['succeeded', `${organizations} organizations synced`])
    assert.partialDeepStrictEqual(counts, {total: organizations, synced: organizations, failed: 0, skipped: 0})
    assert.equal(timesOf().size, organizations)
    const history = await sandbox.ledger.history('org-sync-all@2')
    assert.ok(history.filter(({event}) => event === 'continued').length >= 2)
    // The killed part's message came again: an attempt more than there are parts.
    const started = history.filter(({event}) => event === 'started')
    assert.equal(started.length, Math.max(...started.map(({part}) => part)) + 1)
  })

  it('syncs just the organizations that are named', async () => {
    const before = synced().length
    const {event, counts} = await sandbox.run('org-sync-all', '3', {org: ['org_000002', 'org_000001']})
    assert.deepEqual([event, counts?.['synced'], synced().length - before], ['succeeded', 2, 2])
  })

  it('is told to stop, hands over, and another process goes on', async () => {
    const before = synced().length
    const org = Array.from({length: 100}, (_, i) => `org_${String(i + 1).padStart(6, '0')}`)
    const over = sandbox.run('org-sync-all', '4', {org})
    await until('it has synced some', async () => (synced().length > before + 20 ? true : undefined))
    await (await sandbox.functions.processOf(functionName))?.end('SIGTERM')
    const {event, counts} = await over
    assert.partialDeepStrictEqual({event, counts}, {event: 'succeeded', counts: {total: 100, synced: 100}})
    const history = await sandbox.ledger.history('org-sync-all@4')
    const events = new Set(history.map(({event}) => event))
    assert.deepEqual([events.has('continued'), events.has('failed')], [true, false])
  })
})
