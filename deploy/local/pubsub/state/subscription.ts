import {isMatch} from '../filter/filter.ts'
import {parseFilter} from '../filter/filter-parser.ts'
import {toMilliseconds} from '../wire/proto-duration.ts'
import {type Backlog, createBacklog, type Delivery} from './backlog.ts'
import {type Consumers, createConsumers} from './consumer.ts'
import type {Message} from './message.ts'
import {retryDelayMilliseconds} from './retry-delay.ts'
import type {SubscriptionSettings} from './subscription-settings.ts'
import type {TimerQueue} from './timer-queue.ts'

/** A subscription at work: its settings, what it has not delivered yet, and who takes it. */
export type Subscription = {
  readonly settings: () => SubscriptionSettings
  readonly backlog: Backlog
  readonly consumers: Consumers
  /** Whether a message on its topic is for it. */
  readonly accepts: (attributes: Readonly<Record<string, string>>) => boolean
  readonly update: (settings: SubscriptionSettings) => void
}

/** What a subscription reports, for the journal. */
export type DeliveryRecorder = {
  readonly delivered: (subscription: string, messageId: string) => void
  readonly acknowledged: (subscription: string, messageId: string) => void
  /** Takes back a delivery that doesn't count: the message has had this many attempts. */
  readonly givenBack: (subscription: string, messageId: string, attempts: number) => void
}

/**
 * @param options.now wall clock in milliseconds: messages older than the subscription's retention are dropped.
 * @param options.deadLetterMessage called for a message that has used up its attempts; false when it can't be moved now.
 */
export function createSubscription(options: {
  readonly settings: SubscriptionSettings
  readonly timers: TimerQueue
  readonly now: () => number
  readonly recorder: DeliveryRecorder
  readonly deadLetterMessage: (settings: SubscriptionSettings, delivery: Delivery) => boolean
}): Subscription {
  const {recorder, now} = options
  let {settings} = options
  const {name} = settings
  const filter = parseFilter(settings.filter)

  const backlog: Backlog = createBacklog({
    timers: options.timers,
    isOrdered: settings.enableMessageOrdering ?? false,
    isStale: isOlderThanRetention,
    onReady: () => consumers.dispatch(),
    onLeased: ({message}) => recorder.delivered(name, message.id),
    onFailed: planNextAttempt,
    onGivenBack: ({message, attempts}) => recorder.givenBack(name, message.id, attempts),
    onRemoved: ({message}) => recorder.acknowledged(name, message.id),
  })

  const consumers = createConsumers({
    readyCount: backlog.readyCount,
    lease: (consumer, maxMessages, maxBytes) =>
      backlog.lease({
        maxMessages,
        maxBytes,
        deadlineMilliseconds: consumer.deadlineMilliseconds(),
        onLeaseEnd: delivery => {
          consumer.onLeaseEnd?.(delivery)
          consumers.dispatch()
        },
      }),
  })

  function isOlderThanRetention(message: Message): boolean {
    return now() - message.publishTimeMilliseconds > toMilliseconds(settings.messageRetentionDuration)
  }

  function planNextAttempt(delivery: Delivery): number | 'remove' {
    const limit = settings.deadLetterPolicy?.maxDeliveryAttempts ?? Number.POSITIVE_INFINITY
    if (delivery.attempts >= limit && options.deadLetterMessage(settings, delivery)) return 'remove'
    return retryDelayMilliseconds(
      delivery.attempts,
      settings.retryPolicy,
      (settings.pushConfig.pushEndpoint ?? '') !== '',
    )
  }

  return {
    settings: () => settings,
    backlog,
    consumers,
    accepts: attributes => filter === undefined || isMatch(filter, attributes),
    update(updated) {
      settings = updated
    },
  }
}
