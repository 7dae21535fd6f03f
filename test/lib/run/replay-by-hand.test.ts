import assert from 'node:assert/strict'
import {type DeadLetterNote, toDeadLetter} from '../../../lib/run/dead-letter.ts'
import {replayByHandOf} from '../../../lib/run/replay-by-hand.ts'
import {createSampleJob} from '../../support/sample-job.ts'

const daily = createSampleJob({path: 'functions/daily/sample.ts', schedule: '0 8 * * *'})
const manual = createSampleJob()

describe('replayByHandOf', () => {
  const note: DeadLetterNote = {
    job: 'sample',
    runId: 'sample@7',
    sourceTopic: 'manual-jobs',
    kind: 'permanent',
    reason: 'no',
    error: 'RejectedError',
    attempts: 1,
    attempt: 3,
    firstAt: new Date(0),
    lastAt: new Date(0),
    replays: 2,
    messageId: 'm-1',
    requestId: undefined,
  }
  const messageOf = (attributes: Record<string, string>, data = '{}') => ({
    messageId: 'm-2',
    publishTime: new Date('2026-11-24T12:00:00Z'),
    attributes,
    data: Buffer.from(data),
    topic: undefined,
    subscription: undefined,
    traceparent: undefined,
  })
  const noted = (attributes: Record<string, string> = {}, given: Partial<DeadLetterNote> = {}) => {
    const {attributes: all} = toDeadLetter({data: Buffer.from('{}'), attributes}, {...note, ...given})
    return replayByHandOf(manual, messageOf(all))
  }
  const movedOf = (more: Record<string, string> = {}, data = '{}') =>
    replayByHandOf(
      daily,
      messageOf(
        {
          CloudPubSubDeadLetterSourceSubscription: 'cloudact-daily-sample',
          CloudPubSubDeadLetterSourceTopicPublishTime: '2026-11-23T08:00:01Z',
          ...more,
        },
        data,
      ),
    )

  it('is none without a note, and without Pub/Sub’s own', () => {
    assert.equal(replayByHandOf(manual, messageOf({job: 'sample', replays: '1'})), undefined)
  })

  it('is a replay of the run that the note names, one more, and says which attempt has ended', () => {
    assert.deepEqual(noted({job: 'sample', color: 'red'}), {
      attributes: {
        job: 'sample',
        color: 'red',
        runId: 'sample@7',
        trigger: 'replay',
        replays: '3',
        requestedBy: 'by hand',
        endedAttempt: '3',
      },
      doubtfulAttempt: 0,
    })
    assert.equal(noted({runId: 'sample@8'})?.attributes['runId'], 'sample@8')
  })

  it('knows no run by a note that names another job’s', () => {
    const unknown = noted({job: 'sample'}, {runId: 'other@1'})
    assert.equal('runId' in (unknown?.attributes ?? {}), false)
  })

  it('counts on from the larger of what note and message say', () => {
    for (const [replays, expected] of [
      ['1', '3'],
      ['5', '6'],
      ['12', '13'],
      ['x5', '3'],
      ['5x', '3'],
      ['x', '3'],
      ['', '3'],
    ] as const) {
      assert.equal(noted({replays})?.attributes['replays'], expected, replays)
    }
    assert.equal(noted({})?.attributes['replays'], '3')
  })

  it('is in doubt about the attempt of an unknown outcome, at least the first', () => {
    for (const [attempt, doubtfulAttempt] of [
      [0, 1],
      [1, 1],
      [4, 4],
    ] as const) {
      const found = noted({}, {kind: 'unknown outcome', attempt})
      assert.deepEqual([found?.doubtfulAttempt, found?.attributes['endedAttempt']], [doubtfulAttempt, undefined])
    }
  })

  it('takes over what its publisher accepts, and nothing of the publication before', () => {
    const {attributes} = toDeadLetter({data: Buffer.from('{}'), attributes: {}}, note)
    const given = {...attributes, checkedAttempt: '3', force: 'true', requestId: 'r-1'}
    const found = replayByHandOf(manual, messageOf(given))?.attributes ?? {}
    assert.deepEqual([found['checkedAttempt'], found['force'], 'requestId' in found], ['3', 'true', false])
    assert.deepEqual(
      ['checkedAttempt' in (noted()?.attributes ?? {}), 'force' in (noted()?.attributes ?? {})],
      [false, false],
    )
  })

  it('is the slot’s run where Pub/Sub moved the scheduler’s message', () => {
    assert.partialDeepStrictEqual(movedOf(), {
      attributes: {runId: 'daily-sample@2026-11-23T08:00Z', replays: '1'},
      doubtfulAttempt: 0,
    })
    assert.equal('endedAttempt' in (movedOf()?.attributes ?? {}), false)
  })

  it('is a run of unknown id where the message was a person’s, or has no time that a run id takes', () => {
    const times = ['no time', '1969-12-31T23:59:59Z', '+010000-01-01T00:00:00Z', '+275760-09-13T00:00:00Z']
    const unknown = [
      movedOf({trigger: 'manual'}),
      movedOf({}, '{"org":"acme"}'),
      ...times.map(time => movedOf({CloudPubSubDeadLetterSourceTopicPublishTime: time})),
      replayByHandOf(manual, messageOf({CloudPubSubDeadLetterSourceSubscription: 'x'})),
    ]
    for (const found of unknown) {
      assert.deepEqual(['runId' in (found?.attributes ?? {}), found?.doubtfulAttempt], [false, 1])
    }
    assert.equal(movedOf({trigger: 'manual', runId: 'daily-sample@1'})?.doubtfulAttempt, 0)
  })
})
