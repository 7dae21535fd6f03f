import assert from 'node:assert/strict'
import fc from 'fast-check'
import type {JournalRecord} from '../../../../../deploy/local/pubsub/state/journal-record.ts'
import {
  applyRecord,
  createSavedState,
  type SavedState,
  toRecords,
} from '../../../../../deploy/local/pubsub/state/saved-state.ts'
import {parseSubscriptionSettings} from '../../../../../deploy/local/pubsub/state/subscription-settings.ts'

const topicName = (id: string) => `projects/p/topics/topic-${id}`
const subscriptionName = (id: string) => `projects/p/subscriptions/subscription-${id}`

const id = fc.constantFrom('1', '2', '3')
const ids = fc.uniqueArray(id)

const records: fc.Arbitrary<JournalRecord> = fc.oneof(
  id.map(text => ({kind: 'topic' as const, topic: {name: topicName(text)}})),
  id.map(text => ({kind: 'topic-deleted' as const, name: topicName(text)})),
  fc.tuple(id, id).map(([one, other]) => ({
    kind: 'subscription' as const,
    subscription: parseSubscriptionSettings({name: subscriptionName(one), topic: topicName(other)}),
  })),
  id.map(text => ({kind: 'subscription-deleted' as const, name: subscriptionName(text)})),
  fc.tuple(id, ids).map(([text, subscriptions]) => ({
    kind: 'message' as const,
    message: {id: text, publishTimeMilliseconds: 1, data: 'eA==', attributes: {}, orderingKey: ''},
    subscriptions: subscriptions.map(subscriptionName),
  })),
  fc.tuple(id, ids).map(([text, messages]) => ({
    kind: 'delivered' as const,
    subscription: subscriptionName(text),
    messages,
  })),
  fc.tuple(id, ids).map(([text, messages]) => ({
    kind: 'acknowledged' as const,
    subscription: subscriptionName(text),
    messages,
  })),
)

function addUp(all: Iterable<JournalRecord>): SavedState {
  const state = createSavedState()
  for (const record of all) applyRecord(state, record)
  return state
}

describe('a saved state', () => {
  it('is the same from the records that it is written as', () => {
    fc.assert(
      fc.property(fc.array(records, {maxLength: 40}), all => {
        const state = addUp(all)
        const again = addUp(toRecords(state))
        assert.deepEqual(again, state)
      }),
    )
  })

  it('is written as no more records than it has parts', () => {
    fc.assert(
      fc.property(fc.array(records, {maxLength: 40}), all => {
        const state = addUp(all)
        const messages = new Set([...state.subscriptions.values()].flatMap(saved => [...saved.messages.keys()]))
        const most = state.topics.size + 2 * state.subscriptions.size + messages.size
        assert.ok([...toRecords(state)].length <= most)
      }),
    )
  })

  it('counts how often a message was handed out', () => {
    const subscription = subscriptionName('1')
    const state = addUp([
      {kind: 'subscription', subscription: parseSubscriptionSettings({name: subscription, topic: topicName('1')})},
      {
        kind: 'message',
        message: {id: '1', publishTimeMilliseconds: 1, data: 'eA==', attributes: {}, orderingKey: ''},
        subscriptions: [subscription],
      },
      {kind: 'delivered', subscription, messages: ['1', '1', 'unknown']},
      {kind: 'delivered', subscription, messages: ['1']},
    ])
    assert.equal(state.subscriptions.get(subscription)?.messages.get('1')?.attempts, 3)
  })
})
