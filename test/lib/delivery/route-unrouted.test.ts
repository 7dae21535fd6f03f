import assert from 'node:assert/strict'
import sinon from 'sinon'
import {isUnrouted} from '../../../lib/delivery/route-unrouted.ts'
import {NotAcknowledgedError} from '../../../lib/errors/not-acknowledged-error.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {succeeded} from '../../../lib/job/outcome.ts'
import {createDeliveryHarness} from '../../support/delivery-harness.ts'
import {toPushEvent} from '../../support/push-delivery.ts'

const jobNames =
  'cloudact-manual-sample sample manual-sample smpl; cloudact-manual-other other manual-other; ' +
  'cloudact-daily-alerts daily-alerts alerts'

function createRouter(names: string | undefined = jobNames) {
  const run = sinon.fake.resolves(succeeded('done', {}))
  const harness = createDeliveryHarness({run, environment: {jobNames: names}})
  const route = (attributes: Record<string, string>, more: {data?: string; messageId?: string} = {}) =>
    harness.deliver({event: toPushEvent({topic: 'manual-jobs-unrouted', attributes, ...more})})
  return {...harness, run, route}
}

describe('a message on manual-jobs that reaches the function of the unrouted subscription', () => {
  it('is acknowledged where a release job of that name has a subscription of its own, the router included', async () => {
    const {route, run, published, ledger} = createRouter()
    for (const job of ['sample', 'other']) await route({job})
    assert.deepEqual([run.callCount, published, ledger.entries], [0, [], []])
  })

  it('goes on to its job under any name that the command line takes, with its data and attributes', async () => {
    for (const [name, job, topic] of [
      ['smpl', 'sample', 'manual-jobs'],
      ['cloudact-manual-other', 'other', 'manual-jobs'],
      ['alerts', 'daily-alerts', 'cloudact-daily-alerts'],
      ['daily-alerts', 'daily-alerts', 'cloudact-daily-alerts'],
    ] as const) {
      const {route, published, run, ledger} = createRouter()
      await route({job: name, requestedBy: 'alice', color: 'red'}, {data: '{"a":1}'})
      const [message] = published
      assert.equal(published.length, 1)
      assert.deepEqual([message?.topic, message?.data.toString()], [topic, '{"a":1}'])
      const {runId, ...attributes} = {...message?.attributes}
      assert.deepEqual(attributes, {job, requestedBy: 'alice', color: 'red', trigger: 'manual'})
      assert.match(runId ?? '', new RegExp(`^${job}@`))
      assert.deepEqual([run.callCount, ledger.entries], [0, []])
    }
  })

  it('is known by its topic, or by its subscription where the delivery names no topic', () => {
    assert.equal(isUnrouted({topic: 'manual-jobs-unrouted', subscription: undefined}), true)
    assert.equal(isUnrouted({topic: undefined, subscription: 'manual-jobs-unrouted'}), true)
    assert.equal(isUnrouted({topic: 'manual-jobs', subscription: 'cloudact-manual-sample'}), false)
  })

  it('has data that the framework takes for a message, though it came without', async () => {
    const {route, published, lines} = createRouter()
    await route({job: 'smpl'}, {data: ''})
    assert.equal(published[0]?.data.toString(), '{}')
    assert.ok(lines.some(line => /^info: message \S+ for "smpl" went on to sample$/.test(line)))
  })

  it('is the same run however often it is delivered, and keeps the run id that it has', async () => {
    const {route, published} = createRouter()
    for (const messageId of ['m-1', 'm-1', 'm-2']) await route({job: 'smpl'}, {messageId})
    await route({job: 'smpl', runId: 'sample@7'})
    const [first, second, third, fourth] = published.map(({attributes}) => attributes['runId'])
    assert.equal(first, second)
    assert.notEqual(first, third)
    assert.equal(fourth, 'sample@7')
  })

  it('is a dead letter where no job has its name, booked as unrouted', async () => {
    for (const [job, name] of [
      ['bootstarp', 'job "bootstarp"'],
      ['\u001b[31m', 'job ""'],
      [undefined, 'no attribute job'],
    ]) {
      const {route, run, notes, ledger} = createRouter()
      await route(job === undefined ? {} : {job})
      assert.equal(run.callCount, 0)
      const reason = `${name} on manual-jobs: no job has this name, publish it with one that exists`
      assert.partialDeepStrictEqual(notes(), [
        {job: 'unrouted', kind: 'unreadable', sourceTopic: 'manual-jobs', reason},
      ])
      assert.match(notes()[0]?.runId ?? '', /^unrouted@/)
      assert.partialDeepStrictEqual(ledger.entries, [{job: 'unrouted', event: 'failed', attempt: 0}])
    }
  })

  it('comes back where it could not be passed on, or nothing says which jobs there are', async () => {
    const {deliver} = createRouter()
    const event = toPushEvent({topic: 'manual-jobs-unrouted', attributes: {job: 'smpl'}})
    const publish = () => Promise.reject(new UnavailableError('Pub/Sub is down', {mayHaveExecuted: true}))
    await assert.rejects(deliver({event}, {publisher: {publish}}), UnavailableError)
    await assert.rejects(createDeliveryHarness().deliver({event}), NotAcknowledgedError)
  })
})
