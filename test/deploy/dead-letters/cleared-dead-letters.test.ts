import assert from 'node:assert/strict'
import {loadDeadLetters} from '../../../deploy/dead-letters/load-dead-letters.ts'
import {clearedErrorName} from '../../../lib/delivery/clear-superseded.ts'
import {failed, succeeded} from '../../../lib/job/outcome.ts'
import {createDeliveryHarness} from '../../support/delivery-harness.ts'
import {createNotedDeadLetter} from '../../support/received-message.ts'
import {createSampleJob} from '../../support/sample-job.ts'

describe('a success that makes up for earlier failures', () => {
  const job = (given: object) => createSampleJob({...given, supersedes: ({event}) => event === 'succeeded'})

  it('clears their dead letters in the ledger, each in its own run, once', async () => {
    const outcomes = [failed('no'), failed('no again'), succeeded('yes'), succeeded('yes')]
    const {deliver, ledger} = createDeliveryHarness({job, run: async () => outcomes.shift() ?? failed('too often')})
    for (const id of ['1', '2', '3', '4']) await deliver({attributes: {runId: `sample@${id}`}, messageId: `m-${id}`})
    const cleared = ledger.entries.filter(({error}) => error?.name === clearedErrorName)
    assert.deepEqual(
      cleared.map(({runId, event, summary}) => [runId, event, summary?.replace(/dead letter \S+/, 'it')]),
      [
        ['sample@1', 'duplicate', 'it cleared: run sample@3 has succeeded since'],
        ['sample@2', 'duplicate', 'it cleared: run sample@3 has succeeded since'],
      ],
    )
    const ids = ledger.entries.filter(({event}) => event === 'failed').map(({error}) => error?.deadLetterId)
    assert.deepEqual(
      cleared.map(({error}) => error?.deadLetterId),
      ids,
    )
  })

  it('leaves the messages to the next command that reads dead letters', async () => {
    const acknowledged: string[] = []
    const message = createNotedDeadLetter()
    const inventory = await loadDeadLetters(
      {
        jobs: [],
        now: () => new Date('2026-11-23T10:00:00Z'),
        ledger: {
          since: async () => [
            {
              runId: 'bootstrap@1',
              job: 'bootstrap',
              attempt: 0,
              part: 1,
              event: 'duplicate',
              at: new Date('2026-11-23T09:30:00Z'),
              messageId: 'm',
              trigger: 'manual',
              requestedBy: 'ann',
              args: {},
              version: '1.0.0',
              error: {
                name: clearedErrorName,
                message: 'cleared',
                details: [],
                disposition: 'permanent',
                deadLetterId: message.id,
              },
            },
          ],
        },
        queue: {
          peek: async () => ({deadLetters: [message], isBounded: false}),
          hold: async (_ids, _signal, work) =>
            work({deadLetters: [message], missing: [], acknowledge: async id => void acknowledged.push(id)}),
        },
      },
      {},
      new AbortController().signal,
    )
    assert.deepEqual(inventory.deadLetters, [])
    assert.deepEqual(acknowledged, [message.id])
  })
})
