import {deletedTopicName} from '../wire/resource-name.ts'
import type {JournalRecord} from './journal-record.ts'
import type {Message} from './message.ts'
import type {SubscriptionSettings} from './subscription-settings.ts'
import type {TopicSettings} from './topic-settings.ts'

/** What outlives the process: what a journal says, added up. */
export type SavedState = {
  readonly topics: Map<string, TopicSettings>
  readonly subscriptions: Map<string, SavedSubscription>
}

export type SavedSubscription = {
  settings: SubscriptionSettings
  /** Not yet acknowledged, oldest first. */
  readonly messages: Map<string, {readonly message: Message; attempts: number}>
}

export function createSavedState(): SavedState {
  return {topics: new Map(), subscriptions: new Map()}
}

/** Records about what is gone are ignored: an acknowledgement may come after its subscription was deleted. */
export function applyRecord({topics, subscriptions}: SavedState, record: JournalRecord): void {
  switch (record.kind) {
    case 'topic':
      topics.set(record.topic.name, record.topic)
      return
    case 'topic-deleted':
      topics.delete(record.name)
      for (const saved of subscriptions.values()) {
        if (saved.settings.topic === record.name) saved.settings = {...saved.settings, topic: deletedTopicName}
      }
      return
    case 'subscription': {
      const {name} = record.subscription
      subscriptions.set(name, {
        settings: record.subscription,
        messages: subscriptions.get(name)?.messages ?? new Map(),
      })
      return
    }
    case 'subscription-deleted':
      subscriptions.delete(record.name)
      return
    case 'message':
      for (const name of record.subscriptions) {
        subscriptions.get(name)?.messages.set(record.message.id, {message: record.message, attempts: 0})
      }
      return
    case 'delivered':
      for (const id of record.messages) {
        const entry = subscriptions.get(record.subscription)?.messages.get(id)
        if (entry !== undefined) entry.attempts += 1
      }
      return
    case 'acknowledged':
      for (const id of record.messages) subscriptions.get(record.subscription)?.messages.delete(id)
      return
    case 'attempts':
      for (const [id, attempts] of Object.entries(record.attempts)) {
        const entry = subscriptions.get(record.subscription)?.messages.get(id)
        if (entry !== undefined) entry.attempts = attempts
      }
  }
}

/** The fewest records that add up to this state: how a journal is rewritten. */
export function* toRecords({topics, subscriptions}: SavedState): Generator<JournalRecord> {
  for (const topic of topics.values()) yield {kind: 'topic', topic}
  const messages = new Map<string, {message: Message; subscriptions: string[]}>()
  for (const [name, saved] of subscriptions) {
    yield {kind: 'subscription', subscription: saved.settings}
    for (const [id, {message}] of saved.messages) {
      const known = messages.get(id)
      if (known === undefined) messages.set(id, {message, subscriptions: [name]})
      else known.subscriptions.push(name)
    }
  }
  for (const entry of messages.values()) yield {kind: 'message', ...entry}
  for (const [name, saved] of subscriptions) {
    const tried = [...saved.messages].filter(([, {attempts}]) => attempts > 0)
    if (tried.length === 0) continue
    yield {
      kind: 'attempts',
      subscription: name,
      attempts: Object.fromEntries(tried.map(([id, {attempts}]) => [id, attempts])),
    }
  }
}
