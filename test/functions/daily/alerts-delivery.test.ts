import assert from 'node:assert/strict'
import fc from 'fast-check'
import {type AdminApiEmulator, startAdminApi} from '../../../deploy/local/admin-api/server.ts'
import type {Fault} from '../../../deploy/local/emulator/injected-faults.ts'
import alerts from '../../../functions/daily/alerts.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {toJob} from '../../../lib/job/job.ts'
import type {RunLedger} from '../../../lib/ledger/run-ledger.ts'
import {createMemoryDelivery, deliverUntilAcknowledged} from '../../support/memory-delivery.ts'

const path = '/api/v1/admin/alerts/process-all'
const rootKey = 'root-key-of-the-tests-0123456789abcdef'
const job = toJob('functions/daily/alerts.ts', alerts)
/** So many alerts of the stand-in's organizations are due. */
const notificationsDue = 4

describe('daily-alerts, delivered', () => {
  let emulator: AdminApiEmulator
  let delivery: ReturnType<typeof createMemoryDelivery>
  beforeEach(async () => {
    emulator = await startAdminApi({rootKey, secondsPerOrganization: 0})
    delivery = createMemoryDelivery(job, rootKey)
  })
  afterEach(() => emulator.stop())

  const apiUrl = () => emulator.url
  const sent = () => emulator.requestLog.notifications.length

  it('sends once and is over', async () => {
    const deliver = delivery.deliver({apiUrl})
    const delivered = delivery.event()
    assert.equal(await deliverUntilAcknowledged(deliver, delivered), 1)
    await deliver(delivered, new AbortController().signal)
    assert.equal(sent(), notificationsDue)
    assert.deepEqual(
      // A heartbeat comes in between where the machine is slow.
      delivery.ledger.entries.map(entry => entry.event).filter(event => event !== 'progress'),
      ['started', 'succeeded', 'duplicate'],
    )
  })

  const unknown: Record<string, Fault> = {
    'a reset before the work': {path, kind: 'reset-before'},
    'a reset after the work': {path, kind: 'reset-after'},
    'a truncated answer': {path, kind: 'truncate'},
    'an answer that is no JSON': {path, kind: 'body', text: '<html>'},
    'an answer against the contract': {path, kind: 'body', text: '{"success": true}'},
  }
  for (const status of [408, 500, 502, 503, 504]) {
    unknown[`HTTP ${status}`] = {path, kind: 'status', response: {status, body: {detail: 'Internal Server Error'}}}
  }
  for (const [what, fault] of Object.entries(unknown)) {
    it(`is a dead letter with an unknown outcome after ${what}, and is not repeated`, async () => {
      emulator.faults.inject(fault)
      const deliver = delivery.deliver({apiUrl})
      const delivered = delivery.event()
      assert.equal(await deliverUntilAcknowledged(deliver, delivered), 1)
      await deliverUntilAcknowledged(deliver, delivered)
      assert.equal(emulator.requestLog.done.length <= 1 && emulator.faults.pending() === 0, true)
      assert.equal(delivery.deadLetters.length, 1)
      assert.equal(delivery.deadLetters[0]?.kind, 'unknown outcome')
      assert.match(
        delivery.deadLetters[0]?.reason ?? '',
        /^Outcome unknown: .*org_notification_rules.*replay with --force/,
      )
      assert.equal(delivery.ends().length, 1)
    })
  }

  it('is a dead letter with an unknown outcome when the API takes longer than the job has', async () => {
    emulator.faults.inject({path, kind: 'slow', delayMilliseconds: 60_000})
    const deliver = delivery.deliver({apiUrl, timeoutSeconds: 0.3})
    await deliverUntilAcknowledged(deliver, delivery.event())
    assert.equal(delivery.deadLetters[0]?.kind, 'unknown outcome')
  })

  it('is a dead letter with an unknown outcome when the instance is stopped during the call', async () => {
    emulator.faults.inject({path, kind: 'slow', delayMilliseconds: 60_000})
    const stop = new AbortController()
    const delivering = deliverUntilAcknowledged(delivery.deliver({apiUrl}), delivery.event(), stop.signal)
    setTimeout(() => stop.abort(), 50)
    await delivering
    assert.equal(delivery.deadLetters[0]?.kind, 'unknown outcome')
  })

  it('is a dead letter with an unknown outcome when the ledger can’t be told of the end', async () => {
    const record = async () => {
      throw new UnavailableError('down', {mayHaveExecuted: true})
    }
    const deliver = delivery.deliver({apiUrl, ledger: {...delivery.ledger, record}})
    const delivered = delivery.event()
    await deliverUntilAcknowledged(deliver, delivered)
    assert.deepEqual(
      [delivery.deadLetters.length, delivery.deadLetters[0]?.kind, sent()],
      [1, 'unknown outcome', notificationsDue],
    )
  })

  it('is a dead letter with an unknown outcome when an attempt was killed', async () => {
    const deliver = delivery.deliver({apiUrl, timeoutSeconds: 30})
    const delivered = delivery.event()
    // What a killed process leaves: it claimed the attempt, and nothing came after.
    const claimOnly = {
      ...delivery.ledger,
      claim: async (entry: Parameters<RunLedger['claim']>[0]) => {
        await delivery.ledger.claim(entry)
        throw new UnavailableError('killed', {mayHaveExecuted: true})
      },
    }
    await assert.rejects(delivery.deliver({apiUrl, ledger: claimOnly})(delivered, new AbortController().signal))
    await deliverUntilAcknowledged(deliver, delivered)
    assert.deepEqual([delivery.deadLetters[0]?.kind, sent()], ['unknown outcome', 0])
  })

  for (const status of [401, 403, 404, 422]) {
    it(`is a dead letter for good after HTTP ${status}`, async () => {
      emulator.faults.inject({path, kind: 'status', response: {status, body: {detail: 'no'}}})
      assert.equal(await deliverUntilAcknowledged(delivery.deliver({apiUrl}), delivery.event()), 1)
      assert.deepEqual([delivery.deadLetters[0]?.kind, sent()], ['permanent', 0])
    })
  }

  it('comes back and sends once when the API refuses connections for a while', async () => {
    const other = await startAdminApi({rootKey, secondsPerOrganization: 0})
    await other.stop()
    const urls = [other.url, other.url]
    const deliver = delivery.deliver({apiUrl: () => urls.pop() ?? emulator.url, timeoutSeconds: 0.5})
    assert.ok((await deliverUntilAcknowledged(deliver, delivery.event())) > 1)
    assert.deepEqual([delivery.deadLetters, sent(), delivery.ends().at(-1)?.event], [[], notificationsDue, 'succeeded'])
  })

  it('comes back and sends once when the rate limit is longer than the job', async () => {
    const response = {status: 429, body: {detail: {error: 'rate limit', message: 'wait', retry_after: 60}}}
    emulator.faults.inject({path, kind: 'status', response, times: 2})
    assert.equal(await deliverUntilAcknowledged(delivery.deliver({apiUrl}), delivery.event()), 3)
    assert.deepEqual([delivery.deadLetters, sent()], [[], notificationsDue])
  })

  it('sends once when the same message is delivered several times at once', async () => {
    const delivered = delivery.event()
    const deliveries = [1, 2, 3].map(() => deliverUntilAcknowledged(delivery.deliver({apiUrl}), delivered))
    await Promise.all(deliveries)
    assert.equal(sent(), notificationsDue)
  })

  it('repeats a dry run, which sends nothing', async () => {
    emulator.faults.inject({path, kind: 'reset-after'})
    await deliverUntilAcknowledged(delivery.deliver({apiUrl}), delivery.event({dryRun: true}))
    assert.deepEqual([emulator.requestLog.done.length, sent(), delivery.ends().at(-1)?.event], [2, 0, 'succeeded'])
  })

  it('never sends twice for one run, whatever happens, and every run ends with a reason', async () => {
    const retryAfter = (seconds: number) => ({detail: {error: 'rate limit', message: 'wait', retry_after: seconds}})
    const fault = fc.oneof(
      fc.constantFrom<Fault>(...Object.values(unknown)),
      fc
        .constantFrom(401, 403, 404, 422)
        .map((status): Fault => ({path, kind: 'status', response: {status, body: {}}})),
      fc.constantFrom(0, 60).map((seconds): Fault => {
        return {path, kind: 'status', response: {status: 429, body: retryAfter(seconds)}}
      }),
      fc.constant<Fault>({path, kind: 'slow', delayMilliseconds: 1}),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fault, {maxLength: 4}), fc.nat({max: 2}), async (faults, moreDeliveries) => {
        emulator.faults.clear()
        for (const ordered of faults) emulator.faults.inject(ordered)
        const [sentBefore, deadLettersBefore, endsBefore] = [
          sent(),
          delivery.deadLetters.length,
          delivery.ends().length,
        ]
        const deliver = delivery.deliver({apiUrl})
        const delivered = delivery.event()
        for (let more = 0; more <= moreDeliveries; more += 1) await deliverUntilAcknowledged(deliver, delivered)

        const sentNow = sent() - sentBefore
        const outcome = delivery.ends().slice(endsBefore).at(-1)
        assert.ok(sentNow === 0 || sentNow === notificationsDue, `${sentNow} notifications`)
        if (outcome?.event === 'succeeded') assert.equal(sentNow, notificationsDue)
        else assert.equal(delivery.deadLetters.length, deadLettersBefore + 1, 'neither succeeded nor a dead letter')
        if (delivery.deadLetters.at(-1)?.kind === 'permanent' && delivery.deadLetters.length > deadLettersBefore)
          assert.equal(sentNow, 0)
      }),
      {numRuns: 100},
    )
  })
})
