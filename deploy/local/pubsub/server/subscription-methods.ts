import * as z from 'zod'
import type {Broker} from '../delivery/broker.ts'
import type {Subscription} from '../state/subscription.ts'
import {parseSubscriptionSettings, type SubscriptionSettings} from '../state/subscription-settings.ts'
import {toPage} from '../wire/page.ts'
import {alreadyExists, deletedTopicName, notFound, parseResourceName} from '../wire/resource-name.ts'
import {applyUpdateMask} from '../wire/update-mask.ts'
import type {RpcMethods} from './rpc-method.ts'

const subscriptionRequest = z.object({subscription: z.string().default('')})
const projectRequest = z.object({project: z.string().default('')})
const pushConfigRequest = subscriptionRequest.extend({pushConfig: z.unknown().optional()})
const updateRequest = z.object({
  subscription: z.looseObject({name: z.string().default('')}).prefault({}),
  updateMask: z.unknown().optional(),
})

const mutableFields = [
  'ack_deadline_seconds',
  'dead_letter_policy',
  'enable_exactly_once_delivery',
  'expiration_policy',
  'labels',
  'message_retention_duration',
  'push_config',
  'retain_acked_messages',
  'retry_policy',
]
const fixedFields = ['name', 'topic', 'filter', 'enable_message_ordering', 'detached', 'state']

/** @throws StatusError NOT_FOUND, or INVALID_ARGUMENT for a name that none can have. */
export function findSubscription(broker: Broker, name: string): Subscription {
  const subscription = broker.subscriptions.get(parseResourceName('subscriptions', name))
  if (subscription === undefined) throw notFound(name)
  return subscription
}

/** google.pubsub.v1.Subscriber, as far as it is about a subscription's life. */
export function createSubscriptionMethods(broker: Broker): RpcMethods {
  function requireTopics({topic, deadLetterPolicy}: SubscriptionSettings): void {
    for (const name of [topic, deadLetterPolicy?.deadLetterTopic]) {
      if (name !== undefined && name !== deletedTopicName && !broker.topics.has(name)) throw notFound(name)
    }
  }

  function update(subscription: Subscription, wire: unknown): SubscriptionSettings {
    const settings = parseSubscriptionSettings(wire)
    requireTopics(settings)
    broker.updateSubscription(subscription, settings)
    return settings
  }

  return {
    CreateSubscription(request) {
      const settings = parseSubscriptionSettings(request)
      if (broker.subscriptions.has(settings.name)) throw alreadyExists(settings.name)
      requireTopics(settings)
      broker.addSubscription(settings)
      return settings
    },
    UpdateSubscription(request) {
      const {subscription: patch, updateMask} = updateRequest.parse(request)
      const subscription = findSubscription(broker, patch.name)
      const current = subscription.settings()
      return update(
        subscription,
        applyUpdateMask({
          what: 'Subscription',
          current,
          patch,
          mask: updateMask,
          mutable: mutableFields,
          fixed: fixedFields,
        }),
      )
    },
    ModifyPushConfig(request) {
      const {subscription: name, pushConfig} = pushConfigRequest.parse(request)
      const subscription = findSubscription(broker, name)
      update(subscription, {...subscription.settings(), pushConfig: pushConfig ?? {}})
      return {}
    },
    GetSubscription: request => findSubscription(broker, subscriptionRequest.parse(request).subscription).settings(),
    ListSubscriptions(request) {
      const {project} = projectRequest.parse(request)
      const all = [...broker.subscriptions.keys()].filter(name => name.startsWith(`${project}/`))
      const {names, nextPageToken} = toPage(all, request)
      return {subscriptions: names.map(name => findSubscription(broker, name).settings()), nextPageToken}
    },
    DeleteSubscription(request) {
      const {name} = findSubscription(broker, subscriptionRequest.parse(request).subscription).settings()
      broker.deleteSubscription(name)
      return {}
    },
  }
}
