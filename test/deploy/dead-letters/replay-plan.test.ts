import assert from 'node:assert/strict'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import {readDeadLetter} from '../../../deploy/dead-letters/dead-letter.ts'
import {toDiscardEntry} from '../../../deploy/dead-letters/discard-entry.ts'
import {planReplay, type ReplayPlan} from '../../../deploy/dead-letters/replay-plan.ts'
import type {Job} from '../../../lib/job/job.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {parseRunRequest} from '../../../lib/run/run-request.ts'
import {createEntry, createFinalError} from '../../support/ledger-entry.ts'
import {createMovedDeadLetter, createNotedDeadLetter} from '../../support/received-message.ts'

type Received = ReturnType<typeof createNotedDeadLetter>

describe('planReplay', () => {
  let jobs: readonly Job[]
  before(async () => {
    jobs = await loadCatalogue()
  })

  const now = new Date('2026-11-23T10:00:00Z')
  const plan = (received: Received, history: LedgerEntry[] = [], isForced = false) =>
    planReplay(readDeadLetter(received, jobs), {
      jobs,
      history,
      environment: {projectId: 'cloudact-prod'},
      requestedBy: 'bob@desk',
      isForced,
      now,
    })
  const published = (result: ReplayPlan) => {
    assert.ok(result.kind === 'publish', `${result.kind}: ${'reason' in result ? result.reason : ''}`)
    return result
  }
  const refused = (result: ReplayPlan) => {
    assert.ok(result.kind === 'refuse', result.kind)
    return result
  }
  const failed = createEntry({event: 'failed', error: createFinalError('permanent', '77')})
  const alertsRun = 'daily-alerts@2026-11-23T08:00Z'
  const alerts = (note: Parameters<typeof createNotedDeadLetter>[0] = {}) =>
    createNotedDeadLetter({
      attributes: {},
      ...note,
      note: {job: 'daily-alerts', runId: alertsRun, sourceTopic: 'cloudact-daily-alerts', ...note.note},
    })

  it('publishes the original to its topic, as the same run and one replay more', () => {
    const attributes = {
      job: 'bootstrap',
      runId: 'bootstrap@1',
      trigger: 'manual',
      requestedBy: 'alice',
      part: '2',
      own: 'x',
    }
    const data = Buffer.from([0, 255, 13, 10])
    const {topic, message, runId} = published(plan(createNotedDeadLetter({data, attributes}), [createEntry(), failed]))
    assert.equal(topic, 'manual-jobs')
    assert.ok(message.data.equals(data))
    assert.deepEqual(message.attributes, {
      ...attributes,
      trigger: 'replay',
      requestedBy: 'bob@desk',
      replays: '1',
    })
    assert.equal(runId, 'bootstrap@1')
    assert.equal(published(plan(createNotedDeadLetter(), [createEntry(), failed])).warning, undefined)
  })

  it('gives a scheduled message, which had no attributes, the run id of its slot', () => {
    const received = createMovedDeadLetter({
      subscription: 'cloudact-daily-quota-reset',
      publishedAt: '2026-11-23T00:00:02Z',
    })
    const {topic, message} = published(plan(received))
    assert.equal(topic, 'cloudact-daily-quota-reset')
    assert.deepEqual(message.attributes, {
      runId: 'daily-quota-reset@2026-11-23T00:00Z',
      trigger: 'replay',
      requestedBy: 'bob@desk',
      replays: '1',
    })
    const job = jobs.find(({name}) => name === 'daily-quota-reset')
    assert.ok(job !== undefined)
    const rest = {messageId: 'm', publishTime: now, topic: undefined, subscription: undefined, traceparent: undefined}
    assert.equal(parseRunRequest(job, {...message, ...rest}).slot?.toISOString(), '2026-11-23T00:00:00.000Z')
  })

  it('clears the letter of a run that has finished meanwhile, forced or not', () => {
    for (const event of ['succeeded', 'degraded', 'skipped', 'continued'] as const) {
      for (const isForced of [false, true]) {
        const result = plan(
          createNotedDeadLetter(),
          [createEntry(), failed, createEntry({attempt: 2, event})],
          isForced,
        )
        assert.equal(result.kind, 'clear')
        assert.match('reason' in result ? result.reason : '', new RegExp(`the run has ${event} since`))
      }
    }
  })

  it('leaves a run alone that is being executed, forced or not', () => {
    const running = createEntry({attempt: 2, leaseUntil: new Date('2026-11-23T10:01:00Z')})
    for (const isForced of [false, true]) {
      const {reason, isForceable} = refused(plan(createNotedDeadLetter(), [failed, running], isForced))
      assert.match(reason, /being executed: try again after 2026-11-23T10:01/)
      assert.equal(isForceable, false)
    }
  })

  it('does not go on after 5 replays unless it is forced', () => {
    published(plan(createNotedDeadLetter({note: {replays: 4}})))
    const received = createNotedDeadLetter({note: {replays: 5}})
    assert.match(refused(plan(received)).reason, /replayed 5 times/)
    assert.equal(published(plan(received, [], true)).message.attributes['replays'], '6')
  })

  it('asks to check first where a job that isn’t idempotent has an unknown outcome', () => {
    const unknown = alerts({note: {kind: 'unknown outcome'}})
    const {reason, isForceable} = refused(plan(unknown))
    assert.match(reason, /isn't idempotent.*org_notification_history/)
    assert.equal(isForceable, true)
    assert.equal(published(plan(unknown, [], true)).message.attributes['force'], 'true')
  })

  it('asks so too where only the ledger knows that an attempt never ended', () => {
    const started = createEntry({runId: alertsRun, job: 'daily-alerts'})
    assert.match(refused(plan(alerts({note: {kind: 'exhausted'}}), [started])).reason, /org_notification_history/)
    published(plan(alerts({data: '{"dryRun":true}'}), [started]))
    published(plan(createNotedDeadLetter(), [createEntry()]))
  })

  it('does not take what was forced once for forced for ever', () => {
    const attributes = {runId: alertsRun, trigger: 'replay', force: 'true', replays: '1'}
    assert.equal(published(plan(alerts({attributes}))).message.attributes['force'], undefined)
  })

  it('replays what is unreadable, and says that it will fail again', () => {
    const {warning, message} = published(plan(createNotedDeadLetter({data: 'no JSON', note: {kind: 'unreadable'}})))
    assert.match(warning ?? '', /^it will fail again, today's bootstrap refuses it: the data \(7 bytes\) is not JSON/)
    assert.equal(message.data.toString(), 'no JSON')
  })

  it("says beforehand what today's job refuses, though it was read once", () => {
    for (const isForced of [false, true]) {
      const {warning} = published(plan(createNotedDeadLetter({data: '{"until":3}'}), [], isForced))
      assert.match(warning ?? '', /^it will fail again, today's bootstrap refuses it: the arguments are wrong: .*until/)
    }
    const attributes = {job: 'bootstrap', runId: 'bootstrap@1', part: 'two'}
    assert.match(published(plan(createNotedDeadLetter({attributes}))).warning ?? '', /the attributes are wrong: .*part/)
  })

  it('says of what was unreadable that it can be read now', () => {
    const {warning} = published(plan(createNotedDeadLetter({note: {kind: 'unreadable'}})))
    assert.equal(warning, "it was unreadable, but today's bootstrap reads it: make sure that it is deployed")
  })

  it('gives what had no run of its job a run that the history can name, the same each time', () => {
    const attributes = {job: 'bootstrap'}
    const note = {job: 'unrouted', runId: 'unrouted@01KAPEXAMPLE', kind: 'unreadable'} as const
    const {runId, message} = published(plan(createNotedDeadLetter({attributes, note})))
    assert.match(runId ?? '', /^bootstrap@\w{26}$/)
    assert.equal(message.attributes['runId'], runId)
    assert.equal(published(plan(createNotedDeadLetter({attributes, note}))).runId, runId)
    assert.notEqual(published(plan(createNotedDeadLetter({id: '78', attributes, note}))).runId, runId)
  })

  it('never turns a message for no job into one for the job that could not read it', () => {
    const attributes = {job: 'bootstrapp', runId: 'bootstrapp@1'}
    const {message, warning} = published(plan(createNotedDeadLetter({attributes, note: {kind: 'unreadable'}})))
    assert.partialDeepStrictEqual(message.attributes, attributes)
    assert.match(warning ?? '', /no job has its name/)
  })

  it('publishes to no topic that is no job’s', () => {
    for (const sourceTopic of ['dead-letters', 'somebody-elses', '']) {
      assert.equal(refused(plan(createNotedDeadLetter({note: {sourceTopic}}), [], true)).isForceable, false)
    }
    const bare = {id: '9', publishedAt: now, data: Buffer.from('x'), attributes: {}}
    assert.match(refused(plan(bare)).reason, /published to dead-letters directly/)
  })

  it('points to the later letter of the same run', () => {
    const later = createEntry({
      attempt: 2,
      event: 'failed',
      at: '2026-11-23T09:30:00Z',
      error: createFinalError('permanent', '80'),
    })
    const {reason, isForceable} = refused(plan(createNotedDeadLetter(), [failed, later]))
    assert.match(reason, /came back as dead letter 80/)
    assert.equal(isForceable, true)
    published(plan(createNotedDeadLetter({id: '80'}), [failed, later]))
  })

  it('tells that the run was given up since', () => {
    const at = new Date('2026-11-23T09:30:00Z')
    const discard = toDiscardEntry(readDeadLetter(createNotedDeadLetter(), jobs), {
      requestedBy: 'eve',
      reason: 'too late',
      at,
    })
    assert.match(
      refused(plan(createNotedDeadLetter(), [failed, discard])).reason,
      /discarded since: discarded by eve: too late/,
    )
    published(plan(createNotedDeadLetter(), [failed, discard], true))
  })

  it('clears a copy, of which the job’s own subscription has the original', () => {
    const copy = createMovedDeadLetter({subscription: 'manual-jobs-unrouted', attributes: {job: 'bootstrap'}})
    const result = plan(copy)
    assert.equal(result.kind, 'clear')
    assert.match('reason' in result ? result.reason : '', /of a copy: /)
    const alias = createMovedDeadLetter({subscription: 'manual-jobs-unrouted', attributes: {job: 'bootstrap-sync'}})
    assert.match(published(plan(alias)).runId ?? '', /^bootstrap@/)
  })

  it('says why a dead letter from nowhere can’t be published again', () => {
    const foreign = {id: '9', publishedAt: now, data: Buffer.from('x'), attributes: {}}
    assert.match(
      refused(plan(foreign)).reason,
      /^it can't be published again, it was published to dead-letters directly/,
    )
    const elsewhere = createNotedDeadLetter({note: {sourceTopic: 'of-yesterday'}})
    assert.match(
      refused(plan(elsewhere)).reason,
      /^it can't be published again, no job of this project has the topic of-y/,
    )
  })

  it('says which attempt has ended, unless its outcome is unknown', () => {
    const ended = (kind: 'permanent' | 'unknown outcome', attempt: number, isForced = false) =>
      published(plan(createNotedDeadLetter({note: {kind, attempt}}), [], isForced)).message.attributes['endedAttempt']
    assert.equal(ended('permanent', 3), '3')
    assert.equal(ended('permanent', 0), undefined)
    assert.equal(ended('unknown outcome', 3, true), undefined)
  })

  it('goes by what became of its own part, after it', () => {
    const since = '2026-11-23T09:30:00Z'
    const letter = createNotedDeadLetter()
    const later = (given: Parameters<typeof createEntry>[0]) =>
      plan(letter, [createEntry({leaseUntil: now}), failed, createEntry({at: since, ...given})]).kind
    assert.equal(later({event: 'failed', error: createFinalError('permanent', '78')}), 'refuse')
    assert.equal(later({event: 'failed', part: 2, error: createFinalError('permanent', '78')}), 'publish')
    assert.equal(later({event: 'failed', error: createFinalError('permanent', '77')}), 'publish')
    assert.equal(later({event: 'failed', error: createFinalError('permanent')}), 'publish')
    assert.equal(
      later({event: 'failed', at: '2026-11-23T08:59:59Z', error: createFinalError('permanent', '78')}),
      'publish',
    )
    assert.equal(
      later({event: 'failed', at: '2026-11-23T09:00:00Z', error: createFinalError('permanent', '78')}),
      'publish',
    )
    assert.equal(later({event: 'duplicate', attempt: 0, error: createFinalError('permanent', '78')}), 'publish')
    const passing = {name: 'UnavailableError', message: 'x', details: [], disposition: 'transient' as const}
    assert.equal(later({event: 'failed', error: {...passing, deadLetterId: '78'}}), 'publish')
    assert.equal(later({event: 'failed'}), 'publish')
  })

  it('asks whether it was executed where no job says what to check', () => {
    const gone = createNotedDeadLetter({
      note: {job: 'gone', runId: 'gone@1', kind: 'unknown outcome'},
      attributes: {job: 'gone'},
    })
    assert.match(refused(plan(gone)).reason, /Check whether it was executed\.$/)
  })

  it('has no run to name where a message has a run id that its job refuses', () => {
    const note = {runId: 'unrouted@1', job: 'unrouted', kind: 'unreadable'} as const
    const odd = createNotedDeadLetter({note, attributes: {job: 'bootstrap', runId: 'org-sync-all@1'}})
    assert.equal(published(plan(odd)).runId, undefined)
  })
})
