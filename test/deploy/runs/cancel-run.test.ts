import assert from 'node:assert/strict'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import * as z from 'zod'
import {writeSandboxFile} from '../../../deploy/local/sandbox-file.ts'
import {startTestSandbox, type TestSandbox, until} from '../../support/test-sandbox.ts'
import {typeCommand} from '../../support/type-command.ts'

const runSchema = z.object({outcome: z.string()})
const runId = 'org-sync-all@cancelled'
// Ten at a time need a minute: without the cancellation the run would go on.
const organizations = 600
const secondsPerOrganization = 1

describe('npm run cancel in the sandbox', function () {
  this.timeout(60_000)
  let sandbox: TestSandbox
  let sandboxFolder: string

  before(async () => {
    sandboxFolder = await mkdtemp(join(tmpdir(), 'cancel-'))
    // Heartbeats follow from the lease.
    sandbox = await startTestSandbox({
      functionEnv: {LEASE_SECONDS: '2'},
      adminApi: {organizations, secondsPerOrganization, instances: 10},
    })
    await writeSandboxFile(sandboxFolder, sandbox.addresses)
  })
  after(async () => {
    await sandbox.stop()
    await rm(sandboxFolder, {recursive: true})
  })

  const type = (line: string) => typeCommand(line, {sandboxFolder})
  const synced = () =>
    sandbox.adminApi.requestLog.done.filter(({operation}) => operation === 'sync-organization').length

  it('records nothing for a run of which nothing is known until that is confirmed, and says what is running', async () => {
    const mistyped = 'bootstrap@mistyped'
    const history = async () => (await sandbox.ledger.history(mistyped)).map(({event}) => event)
    const refused = await typeCommand(`npm run cancel -- local ${mistyped}`, {sandboxFolder, input: 'no'})
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, /^Nothing is known of bootstrap@mistyped yet: /m)
    assert.match(refused.stderr, /^Nothing is running now\.$/m)
    assert.match(refused.stderr, /^Nothing was cancelled\.$/m)
    await assert.rejects(type(`npm run cancel -- local ${mistyped}`), /There is no terminal to ask on: add --yes/)
    assert.deepEqual(await history(), [])
    const confirmed = await type(`npm run cancel -- local ${mistyped} --yes`)
    assert.equal(confirmed.code, 0)
    assert.match(
      confirmed.stdout,
      /^bootstrap@mistyped is cancelled: if it was published and has not started, it won't\.$/m,
    )
    assert.deepEqual(await history(), ['cancelled'])
  })

  it('ends a run that is syncing organizations: no organization more, and no further part', async () => {
    assert.equal((await sandbox.run('bootstrap', '1')).event, 'succeeded')
    await sandbox.publish('manual-jobs', '{}', {job: 'org-sync-all', runId})
    await until('some are synced', async () => (synced() > 5 ? true : undefined))
    const mistyped = await typeCommand('npm run cancel -- local bootstrap@mistyped-2', {sandboxFolder, input: 'no'})
    assert.match(mistyped.stderr, /^Running now:\n {2}org-sync-all@cancelled, since [\d: -]+ UTC$/m)
    const {code, stdout} = await type(`npm run cancel -- local ${runId}`)
    assert.equal(code, 0)
    assert.match(stdout, /^org-sync-all@cancelled is cancelled\. What is in flight ends within a minute/)

    await until('the run is cancelled', async () => {
      const {outcome} = runSchema.parse(JSON.parse((await type(`npm run runs -- local ${runId} --json`)).stdout))
      return outcome === 'cancelled' ? true : undefined
    })
    const before = synced()
    assert.ok(before < organizations, String(before))
    // Another run of the same function: whatever was published for the cancelled one has its turn first.
    assert.equal((await sandbox.run('org-sync-all', 'after', {org: ['org_000001']})).event, 'succeeded')
    assert.equal(synced(), before + 1)
    const history = await sandbox.ledger.history(runId)
    assert.deepEqual(
      history.filter(({event}) => event === 'started').map(({part}) => part),
      [1],
    )
    assert.equal(
      history.some(({event}) => event === 'continued'),
      false,
    )
    const end = history.findLast(({event}) => event === 'cancelled')
    assert.match(end?.summary ?? '', /^\d+ of \d+ organizations done, 0 failed, up to part 1$/)
  })

  it('says of a cancelled run that it is over', async () => {
    assert.match((await type(`npm run cancel -- local ${runId}`)).stdout, /is over already: /)
  })
})
