import assert from 'node:assert/strict'
import {mkdtemp, rename, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {isFinal} from '../../deploy/runs/run-progress.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {addAlertedOrganization} from '../support/alerted-organization.ts'
import {toPushBody} from '../support/push-delivery.ts'
import {createSeededRandom} from '../support/seeded-random.ts'
import {startTestSandbox, type TestSandbox, until} from '../support/test-sandbox.ts'

const seed = Number(process.env['SEED'] ?? 20_261_123)
const jumping = new URL('../support/jumping-clock.mjs', import.meta.url).href
const day = 86_400_000

/** Deliveries as Pub/Sub makes them, with publish times of one's own, to functions whose clock jumps. */
describe(`clocks that jump over midnight and the end of a month (SEED=${seed})`, function () {
  this.timeout(300_000)
  const random = createSeededRandom(seed)
  let sandbox: TestSandbox
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'clock-'))
    await jump(0)
    const clock = {NODE_OPTIONS: `--import=${jumping}`, CLOCK_FILE: join(folder, 'offset')}
    sandbox = await startTestSandbox({concurrency: 2, functionEnv: {...clock, LEASE_SECONDS: '2'}})
    assert.equal((await sandbox.run('bootstrap', 'first')).event, 'succeeded')
  })
  after(async () => {
    await sandbox.stop()
    await rm(folder, {recursive: true})
  })

  /** Never half written: a function may read it at any moment. */
  async function jump(milliseconds: number): Promise<void> {
    await writeFile(join(folder, 'offset.new'), String(Math.round(milliseconds)))
    await rename(join(folder, 'offset.new'), join(folder, 'offset'))
  }
  const jumpTo = (moment: string) => jump(Date.parse(moment) - Date.now())

  type Message = {readonly functionName: string; readonly body: ReturnType<typeof toPushBody>}
  let count = 0
  function message(job: string, publishTime: string, attributes: Record<string, string>, data = '{}'): Message {
    count += 1
    const functionName = `cloudact-${job}`
    const messageId = String(count)
    return {functionName, body: toPushBody({data, messageId, publishTime, attributes: {job, ...attributes}})}
  }
  const scheduled = (job: string, publishTime: string) => message(job, publishTime, {trigger: 'schedule'})

  /** @returns whether it was acknowledged. */
  async function deliver({functionName, body}: Message, deliveryAttempt = 1): Promise<boolean> {
    const url = `${sandbox.functions.urlOf(functionName)}/projects/cloudact-local/topics/${functionName}`
    const response = await fetch(url, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify({...body, deliveryAttempt}),
    }).catch(() => undefined)
    await response?.arrayBuffer()
    return response?.ok ?? false
  }
  const history = (runId: string) => sandbox.ledger.history(runId)
  const starts = (entries: readonly LedgerEntry[]) => entries.filter(({event}) => event === 'started').length

  it('takes a double fire around midnight for one run, whatever the functions’ clocks say', async () => {
    const times = ['2026-11-30T23:59:57.000Z', '2026-12-01T00:00:01.000Z', '2026-12-01T00:00:02.000Z']
    const clocks = ['2026-11-30T23:59:40Z', '2026-12-01T00:00:30Z', '2026-11-30T23:58:00Z']
    for (const [index, time] of times.entries()) {
      await jumpTo(clocks[index] ?? '')
      assert.equal(await deliver(scheduled('daily-quota-reset', time)), true)
    }
    const entries = await history('daily-quota-reset@2026-12-01T00:00Z')
    assert.equal(starts(entries), 1)
    assert.deepEqual(await history('daily-quota-reset@2026-11-30T00:00Z'), [])
  })

  it('sends the alerts of a slot once, when the clock jumps a day forth and back between the deliveries', async () => {
    const sent = () => sandbox.adminApi.requestLog.notifications.length
    const before = sent()
    const fire = scheduled('daily-alerts', '2026-11-30T08:00:00.500Z')
    const again = scheduled('daily-alerts', '2026-11-30T08:00:03.000Z')
    await jumpTo('2026-11-30T08:00:01Z')
    assert.equal(await deliver(fire), true)
    const once = sent()
    assert.ok(once > before)
    for (const [clock, one] of [
      ['2026-12-01T08:00:04Z', again],
      ['2026-11-29T07:00:00Z', fire],
      ['2026-11-30T08:10:00Z', again],
    ] as const) {
      await jumpTo(clock)
      assert.equal(await deliver(one), true)
    }
    assert.equal(starts(await history('daily-alerts@2026-11-30T08:00Z')), 1)
    assert.equal(sent(), once)
  })

  it('resets a month’s quotas for the run of the 1st alone, and says so where the clock is of another day', async () => {
    await jumpTo('2026-11-30T23:59:00Z')
    const late = scheduled('monthly-quota-reset', '2026-12-01T00:05:00.200Z')
    await deliver(late)
    const [wrongDay] = (await history('monthly-quota-reset@2026-12-01T00:05Z')).filter(isFinal)
    assert.equal(wrongDay?.event, 'failed')
    assert.match(wrongDay.error?.message ?? '', /of 2026-12 were not reset by this run: today is 2026-11-30/)
    await jumpTo('2027-01-01T00:05:01Z')
    assert.equal(await deliver(scheduled('monthly-quota-reset', '2027-01-01T00:05:00.200Z')), true)
    const [rightDay] = (await history('monthly-quota-reset@2027-01-01T00:05Z')).filter(isFinal)
    assert.ok(rightDay !== undefined && rightDay.event !== 'failed', rightDay?.error?.message)
  })

  it('loses no run and repeats none, while the clock jumps at random under runs that are under way', async () => {
    const runs = Array.from({length: 12}, (_, index) => {
      const orgSlug = `clock_org_${index}`
      addAlertedOrganization(sandbox, orgSlug)
      const runId = `daily-alerts@clock-${index}`
      const attributes = {runId, trigger: 'manual', requestedBy: 'faults'}
      const one = message('daily-alerts', '2026-11-30T23:59:59.000Z', attributes, JSON.stringify({orgSlug}))
      return {orgSlug, runId, one}
    })
    const acknowledged = new Set<string>()
    for (const {runId, one} of runs) {
      if (random.chance(0.3)) {
        sandbox.adminApi.faults.inject({path: /alerts/, kind: 'slow', delayMilliseconds: random.pick([100, 600])})
      }
      const deliveries = Array.from({length: 1 + random.below(3)}, () => deliver(one))
      await jump((random.next() - 0.5) * 80 * day)
      const answers = await Promise.all(deliveries)
      if (answers.includes(true)) acknowledged.add(runId)
    }
    await jump(0)
    for (const {runId, one} of runs) {
      if (acknowledged.has(runId)) continue
      await until(`${runId} is acknowledged`, async () => ((await deliver(one, 10)) ? true : undefined), 100_000)
    }
    const deadLetters = await sandbox.deadLetters(0)
    for (const {runId, orgSlug} of runs) {
      const end = (await history(runId)).find(isFinal)
      const sent = sandbox.adminApi.requestLog.notifications.filter(
        notification => notification.orgSlug === orgSlug,
      ).length
      assert.ok(sent <= 1, `${runId} sent ${sent} notifications`)
      const isDeadLetter = deadLetters.some(({attributes}) => attributes['runId'] === runId)
      assert.ok(end !== undefined || isDeadLetter, `${runId} is lost`)
      if (end?.event === 'succeeded') assert.equal(sent, 1, `${runId} succeeded, but sent nothing`)
    }
  })
})
