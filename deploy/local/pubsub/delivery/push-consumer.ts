import type {Delivery} from '../state/backlog.ts'
import type {Consumer} from '../state/consumer.ts'
import type {Subscription} from '../state/subscription.ts'
import {toPushBody} from './push-body.ts'
import type {PushConnections, PushOutcome} from './push-connections.ts'

/** https://cloud.google.com/pubsub/docs/push#receive_push */
const acknowledging = new Set([102, 200, 201, 202, 204])

/** How many pushes are under way at most: begins small, grows with each success, halves with each failure. */
const window = {first: 16, smallest: 4, largest: 100}

export type PushConsumer = Consumer & {
  /** Takes no more messages; the pushes under way go on to their end. */
  readonly retire: () => void
  /** The same, and ends the pushes under way. */
  readonly stop: () => void
}

/**
 * Delivers a subscription's messages to its push endpoint from now on, and takes each answer for an acknowledgement or a
 * refusal.
 */
export function createPushConsumer(options: {
  readonly subscription: Subscription
  readonly endpoint: string
  readonly connections: PushConnections
  readonly log: (line: string) => void
  /** Whether everything is about to stop: a push that fails then says nothing about the message. */
  readonly arePushesHeld: () => boolean
}): PushConsumer {
  const {subscription, connections} = options
  const {backlog, consumers} = subscription
  const {name} = subscription.settings()
  let size = window.first
  /** Aborts, by delivery. */
  const underWay = new Map<Delivery, () => void>()

  function push(delivery: Delivery): void {
    const {message, attempts} = delivery
    const hasDeadLetterPolicy = subscription.settings().deadLetterPolicy !== undefined
    const body = toPushBody(name, message, hasDeadLetterPolicy ? attempts : undefined)
    underWay.set(
      delivery,
      connections.post(body, outcome => {
        underWay.delete(delivery)
        settle(delivery, attempts, outcome)
        consumers.dispatch()
      }),
    )
  }

  function settle({message}: Delivery, attempt: number, outcome: PushOutcome): void {
    if ('status' in outcome && acknowledging.has(outcome.status)) {
      size = Math.min(window.largest, size + 1)
      backlog.acknowledge(message.id)
      return
    }
    shrink()
    const what = 'status' in outcome ? `answered ${outcome.status}` : `failed: ${outcome.problem}`
    options.log(`${name}: push of message ${message.id}, attempt ${attempt}, to ${options.endpoint} ${what}`)
    if (options.arePushesHeld()) backlog.release(message.id, attempt)
    else backlog.nack(message.id, attempt)
  }

  function shrink(): void {
    size = Math.max(window.smallest, Math.floor(size / 2))
  }

  function stop(): void {
    for (const abort of underWay.values()) abort()
    underWay.clear()
    retire()
  }

  function retire(): void {
    consumers.remove(consumer)
    connections.retire()
  }

  const consumer: PushConsumer = {
    capacity: () => ({messages: size - underWay.size, bytes: Number.POSITIVE_INFINITY}),
    deadlineMilliseconds: () => subscription.settings().ackDeadlineSeconds * 1000,
    take: deliveries => deliveries.forEach(push),
    onLeaseEnd(delivery) {
      const abort = underWay.get(delivery)
      if (abort === undefined) return
      underWay.delete(delivery)
      abort()
      shrink()
      const {message, attempts} = delivery
      options.log(`${name}: push of message ${message.id}, attempt ${attempts}, had no answer before its deadline`)
    },
    retire,
    stop,
  }
  consumers.add(consumer)
  return consumer
}
