import assert from 'node:assert/strict'
import fc from 'fast-check'
import {isRunId} from '../../../lib/job/run-id.ts'
import type {Message} from '../../../lib/run/message.ts'
import {parseRunArgs, parseRunRequest} from '../../../lib/run/run-request.ts'
import {createSampleJob} from '../../support/sample-job.ts'

const manual = createSampleJob()
const daily = createSampleJob({path: 'functions/daily/sample.ts', schedule: '0 8 * * *'})

function createMessage(attributes: Readonly<Record<string, string>> = {}, given: Partial<Message> = {}): Message {
  return {
    messageId: 'm-1',
    publishTime: new Date('2026-11-23T08:00:01Z'),
    attributes,
    data: Buffer.from('{}'),
    topic: undefined,
    subscription: undefined,
    traceparent: undefined,
    ...given,
  }
}

describe('parseRunRequest', () => {
  it('reads what the publisher says', () => {
    const attributes = {
      job: 'sample',
      runId: 'sample@01KAR4ZQ5R0000000000000000',
      trigger: 'replay',
      requestedBy: 'alice@desk',
      part: '3',
      replays: '2',
      force: 'true',
      other: 'x',
    }
    assert.deepEqual(parseRunRequest(manual, createMessage(attributes)), {
      runId: 'sample@01KAR4ZQ5R0000000000000000',
      messageId: 'm-1',
      trigger: 'replay',
      requestedBy: 'alice@desk',
      part: 3,
      replays: 2,
      requestId: undefined,
      checkedAttempt: 0,
      endedAttempt: 0,
      doubtfulAttempt: 0,
      isForced: true,
      isReplayByHand: false,
      slot: undefined,
    })
  })

  it('takes a message of a scheduled job for its slot’s run', () => {
    assert.partialDeepStrictEqual(parseRunRequest(daily, createMessage()), {
      runId: 'daily-sample@2026-11-23T08:00Z',
      slot: new Date('2026-11-23T08:00:00Z'),
      trigger: 'schedule',
      requestedBy: 'unknown',
      part: 1,
      isForced: false,
    })
  })

  for (const data of ['{"dryRun":true}', '{"org":"acme"}', '[]', 'no JSON']) {
    it(`never takes a message that says more than "run" for its slot’s run: ${data}`, () => {
      for (const trigger of ['schedule', undefined]) {
        const attributes = trigger === undefined ? {} : {trigger}
        const {runId, slot} = parseRunRequest(daily, createMessage(attributes, {data: Buffer.from(data)}))
        assert.match(runId, /^daily-sample@[0-9A-HJKMNP-TV-Z]{10}[0-9A-F]{16}$/)
        assert.equal(slot, undefined)
      }
    })
  }

  for (const data of ['', '{}', ' {} ']) {
    it(`takes one without arguments for its slot’s run: ${JSON.stringify(data)}`, () => {
      const {runId} = parseRunRequest(daily, createMessage({}, {data: Buffer.from(data)}))
      assert.equal(runId, 'daily-sample@2026-11-23T08:00Z')
    })
  }

  it('takes one that a person published for a run of its own', () => {
    const request = parseRunRequest(daily, createMessage({trigger: 'manual'}))
    assert.match(request.runId, /^daily-sample@[0-9A-HJKMNP-TV-Z]{10}[0-9A-F]{16}$/)
    assert.deepEqual([request.trigger, request.slot], ['manual', undefined])
  })

  it('takes a run id with a slot that no calendar has for an id like any other', () => {
    const request = parseRunRequest(daily, createMessage({runId: 'daily-sample@2026-02-30T00:00Z'}))
    assert.deepEqual([request.slot, request.trigger], [undefined, 'manual'])
  })

  it('gives every delivery of a message the same run id', () => {
    const ids = [createMessage(), createMessage(), createMessage({}, {messageId: 'm-2'})].map(
      message => parseRunRequest(manual, message).runId,
    )
    assert.equal(ids[0], ids[1])
    assert.notEqual(ids[0], ids[2])
  })

  it('keeps escape sequences out of the name of who asked', () => {
    assert.equal(parseRunRequest(manual, createMessage({requestedBy: 'al\u001b[31mice\n\u202e'})).requestedBy, 'alice ')
  })

  for (const [attributes, reason] of [
    [{job: 'other'}, /^attribute job is not "sample", but the message came to cloudact-manual-sample$/],
    [{runId: 'other@1'}, /^attribute runId is no run id of this job: sample@<slot or id>$/],
    [{runId: 'sample@'}, /^attribute runId/],
    [{runId: 'sample@../x'}, /^attribute runId/],
    [{runId: 'sample@1\n'}, /^attribute runId/],
    [{runId: `sample@${'1'.repeat(65)}`}, /^attribute runId/],
    [{trigger: 'me'}, /^the attributes are wrong: trigger: /],
    [{part: '0'}, /^the attributes are wrong: part: /],
    [{part: '1e3'}, /^the attributes are wrong: part: /],
    [{part: '-1'}, /^the attributes are wrong: part: /],
    [{replays: 'many'}, /^the attributes are wrong: replays: /],
    [{force: 'yes'}, /^the attributes are wrong: force: /],
    [{requestedBy: 'x'.repeat(201)}, /^the attributes are wrong: requestedBy: /],
    [{part: 'x', force: 'y'}, /^the attributes are wrong: part: .*; force: /],
  ] as const) {
    it(`refuses ${JSON.stringify(attributes).slice(0, 60)}`, () => {
      const message = createMessage(attributes)
      assert.throws(() => parseRunRequest(manual, message), {name: 'InvalidMessageError', message: reason})
    })
  }

  it('reads any attributes or says that they are unreadable, and gives a run id of the job', () => {
    const names = fc.constantFrom(
      'job',
      'runId',
      'trigger',
      'requestedBy',
      'part',
      'replays',
      'force',
      '__proto__',
      'x',
    )
    fc.assert(
      fc.property(
        fc.dictionary(names, fc.string()),
        fc.date({min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true}),
        (attributes, publishTime) => {
          for (const job of [manual, daily]) {
            try {
              assert.ok(isRunId(parseRunRequest(job, createMessage(attributes, {publishTime})).runId, job.name))
            } catch (error) {
              assert.equal((error as Error).name, 'InvalidMessageError')
            }
          }
        },
      ),
    )
  })
})

describe('parseRunArgs', () => {
  it('reads the data by the job’s own schema', () => {
    assert.deepEqual(parseRunArgs(manual, createMessage({}, {data: Buffer.from('{"org":"acme"}')})), {org: 'acme'})
  })
})
