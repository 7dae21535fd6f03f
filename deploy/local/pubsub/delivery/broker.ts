import type {Delivery} from '../state/backlog.ts'
import {toDeadLetter} from '../state/dead-letter.ts'
import type {Journal} from '../state/journal.ts'
import type {NewMessage} from '../state/message.ts'
import {createMessageIds} from '../state/message-ids.ts'
import type {SavedState} from '../state/saved-state.ts'
import {createSubscription, type Subscription} from '../state/subscription.ts'
import {isOnLoopback, type SubscriptionSettings} from '../state/subscription-settings.ts'
import type {TimerQueue} from '../state/timer-queue.ts'
import type {TopicSettings} from '../state/topic-settings.ts'
import {deletedTopicName, notFound} from '../wire/resource-name.ts'
import {StatusError} from '../wire/status-error.ts'
import {createPushConnections} from './push-connections.ts'
import {createPushConsumer, type PushConsumer} from './push-consumer.ts'

export type Topic = {settings: TopicSettings; readonly subscriptions: Set<Subscription>}

/** All topics and subscriptions, changed through these functions only, which keep the journal. */
export type Broker = {
  readonly topics: ReadonlyMap<string, Topic>
  readonly subscriptions: ReadonlyMap<string, Subscription>
  readonly putTopic: (settings: TopicSettings) => void
  readonly deleteTopic: (name: string) => void
  readonly addSubscription: (settings: SubscriptionSettings) => void
  readonly updateSubscription: (subscription: Subscription, settings: SubscriptionSettings) => void
  readonly deleteSubscription: (name: string) => void
  /** @returns the ids. Everything is in the journal by then. */
  readonly publish: (topic: Topic, messages: readonly NewMessage[]) => string[]
  /** Begins no push any more; those under way go on to their end, and what fails of them does not count. */
  readonly holdPushes: () => void
  /** Pushes to every endpoint, as it is by now. */
  readonly releasePushes: () => void
  /** Ends every push, pull and stream. */
  readonly stop: () => void
}

export type BrokerOptions = {
  readonly timers: TimerQueue
  readonly journal: Journal
  readonly saved: SavedState
  /** Wall clock, milliseconds. */
  readonly now: () => number
  /** A clock that never jumps, milliseconds. */
  readonly steadyNow: () => number
  readonly log: (line: string) => void
  /** Whether nothing is pushed before `releasePushes`. @default false */
  readonly holdsPushes?: boolean
}

export function createBroker(options: BrokerOptions): Broker {
  const {timers, journal, saved, now, log} = options
  const topics = new Map<string, Topic>()
  const subscriptions = new Map<string, Subscription>()
  const pushes = new Map<Subscription, {readonly endpoint: string; readonly consumer: PushConsumer}>()
  let arePushesHeld = options.holdsPushes ?? false
  const nextId = createMessageIds(
    now,
    [...saved.subscriptions.values()].flatMap(({messages}) => [...messages.keys()]),
  )

  for (const settings of saved.topics.values()) topics.set(settings.name, {settings, subscriptions: new Set()})
  for (const {settings, messages} of saved.subscriptions.values()) {
    const subscription = attach(settings)
    for (const {message, attempts} of messages.values()) subscription.backlog.add(message, attempts)
  }

  function attach(settings: SubscriptionSettings): Subscription {
    const subscription = createSubscription({settings, timers, now, recorder: journal, deadLetterMessage})
    subscriptions.set(settings.name, subscription)
    topics.get(settings.topic)?.subscriptions.add(subscription)
    connectPush(subscription)
    return subscription
  }

  /** Brings the push consumer in line with the settings. */
  function connectPush(subscription: Subscription): void {
    const endpoint = subscription.settings().pushConfig.pushEndpoint ?? ''
    const current = pushes.get(subscription)
    if (current?.endpoint === endpoint) return
    current?.consumer.retire()
    pushes.delete(subscription)
    // A journal may hold what is refused today.
    if (!isOnLoopback(endpoint) || arePushesHeld) return
    subscription.consumers.close(
      new StatusError('FAILED_PRECONDITION', 'This method is not supported for this subscription type.'),
    )
    const connections = createPushConnections(new URL(endpoint), timers, options.steadyNow)
    const consumer = createPushConsumer({subscription, endpoint, connections, log, arePushesHeld: () => arePushesHeld})
    pushes.set(subscription, {endpoint, consumer})
  }

  function publish(topic: Topic, messages: readonly NewMessage[]): string[] {
    const ids = messages.map(content => deliver(topic, content))
    journal.flush()
    return ids
  }

  function deliver(topic: Topic, content: NewMessage): string {
    const message = {id: nextId(), publishTimeMilliseconds: now(), ...content}
    const receivers = [...topic.subscriptions].filter(subscription => subscription.accepts(content.attributes))
    if (receivers.length > 0) {
      const names = receivers.map(subscription => subscription.settings().name)
      journal.write({kind: 'message', message, subscriptions: names})
    }
    for (const subscription of receivers) subscription.backlog.add(message)
    return message.id
  }

  function deadLetterMessage(settings: SubscriptionSettings, delivery: Delivery): boolean {
    const topic = topics.get(settings.deadLetterPolicy?.deadLetterTopic ?? '')
    if (topic === undefined) return false
    const id = deliver(topic, toDeadLetter(settings, delivery))
    log(
      `${settings.name}: message ${delivery.message.id} is a dead letter after ${delivery.attempts} attempts, as ${id}`,
    )
    return true
  }

  return {
    topics,
    subscriptions,
    publish,
    putTopic(settings) {
      const topic = topics.get(settings.name)
      if (topic === undefined) topics.set(settings.name, {settings, subscriptions: new Set()})
      else topic.settings = settings
      journal.write({kind: 'topic', topic: settings})
      journal.flush()
    },
    deleteTopic(name) {
      for (const subscription of topics.get(name)?.subscriptions ?? []) {
        subscription.update({...subscription.settings(), topic: deletedTopicName})
      }
      topics.delete(name)
      journal.write({kind: 'topic-deleted', name})
      journal.flush()
    },
    addSubscription(settings) {
      attach(settings)
      journal.write({kind: 'subscription', subscription: settings})
      journal.flush()
    },
    updateSubscription(subscription, settings) {
      subscription.update(settings)
      connectPush(subscription)
      journal.write({kind: 'subscription', subscription: settings})
      journal.flush()
    },
    deleteSubscription(name) {
      const subscription = subscriptions.get(name)
      if (subscription === undefined) return
      pushes.get(subscription)?.consumer.stop()
      pushes.delete(subscription)
      subscription.consumers.close(notFound(name))
      subscription.backlog.clear()
      topics.get(subscription.settings().topic)?.subscriptions.delete(subscription)
      subscriptions.delete(name)
      journal.write({kind: 'subscription-deleted', name})
      journal.flush()
    },
    holdPushes() {
      arePushesHeld = true
      for (const {consumer} of pushes.values()) consumer.retire()
      pushes.clear()
    },
    releasePushes() {
      arePushesHeld = false
      for (const subscription of subscriptions.values()) connectPush(subscription)
    },
    stop() {
      for (const {consumer} of pushes.values()) consumer.stop()
      for (const subscription of subscriptions.values()) {
        subscription.consumers.close(new StatusError('UNAVAILABLE', 'The local Pub/Sub server is stopping.'))
        subscription.backlog.clear()
      }
    },
  }
}
