import * as z from 'zod'
import type {Broker} from '../delivery/broker.ts'
import type {Delivery} from '../state/backlog.ts'
import type {Consumer} from '../state/consumer.ts'
import type {Journal} from '../state/journal.ts'
import type {Subscription} from '../state/subscription.ts'
import type {TimerQueue} from '../state/timer-queue.ts'
import {checkAckDeadline, parseAckId} from '../wire/ack-id.ts'
import {StatusError} from '../wire/status-error.ts'
import {toReceivedMessage} from './received-message.ts'
import type {RpcCall, RpcMethods} from './rpc-method.ts'
import {findSubscription} from './subscription-methods.ts'

const pullRequest = z.object({
  subscription: z.string().default(''),
  maxMessages: z.number().default(0),
  returnImmediately: z.boolean().default(false),
})
const acknowledgeRequest = z.object({subscription: z.string().default(''), ackIds: z.array(z.string()).default([])})
const modifyRequest = acknowledgeRequest.extend({ackDeadlineSeconds: z.number().default(0)})

/** Google waits "a bounded amount of time" for the first message, and answers with none then. */
const maxPullWaitMilliseconds = 5000
const maxPullMessages = 1000
const maxPullBytes = 10_000_000

/** google.pubsub.v1.Subscriber, as far as it is about single messages: pull, acknowledge, change the deadline. */
export function createDeliveryMethods(options: {
  readonly broker: Broker
  readonly timers: TimerQueue
  readonly journal: Journal
}): RpcMethods {
  const {broker, timers, journal} = options

  return {
    async Pull(request, call) {
      const {subscription: name, maxMessages, returnImmediately} = pullRequest.parse(request)
      const subscription = findSubscription(broker, name)
      if (maxMessages <= 0) {
        throw new StatusError(
          'INVALID_ARGUMENT',
          'You have passed an invalid argument to the service (argument=max_messages).',
        )
      }
      const wait = returnImmediately ? 0 : maxPullWaitMilliseconds
      const deliveries = await pull(subscription, Math.min(maxMessages, maxPullMessages), wait, call)
      journal.flush()
      return {receivedMessages: deliveries.map(delivery => toReceivedMessage(delivery, subscription.settings()))}
    },
    Acknowledge(request) {
      const {subscription: name, ackIds} = acknowledgeRequest.parse(request)
      const {backlog} = findSubscription(broker, name)
      for (const {messageId} of parseAckIds(ackIds)) backlog.acknowledge(messageId)
      journal.flush()
      return {}
    },
    ModifyAckDeadline(request) {
      const {subscription: name, ackIds, ackDeadlineSeconds} = modifyRequest.parse(request)
      const subscription = findSubscription(broker, name)
      checkAckDeadline(ackDeadlineSeconds)
      for (const lease of parseAckIds(ackIds)) modifyAckDeadline(subscription, lease, ackDeadlineSeconds)
      return {}
    },
  }

  function pull(
    subscription: Subscription,
    maxMessages: number,
    waitMilliseconds: number,
    call: RpcCall,
  ): Promise<readonly Delivery[]> {
    requirePull(subscription)
    return new Promise((resolve, reject) => {
      const consumer: Consumer = {
        capacity: () => ({messages: maxMessages, bytes: maxPullBytes}),
        deadlineMilliseconds: () => subscription.settings().ackDeadlineSeconds * 1000,
        take: settle,
        onClosed(reason) {
          timers.cancel(patience)
          reject(reason)
        },
      }
      const patience = timers.set(waitMilliseconds, () => settle([]))
      function settle(deliveries: readonly Delivery[]): void {
        timers.cancel(patience)
        subscription.consumers.remove(consumer)
        resolve(deliveries)
      }
      call.onCancelled(() => settle([]))
      subscription.consumers.add(consumer)
    })
  }
}

/** @throws StatusError FAILED_PRECONDITION for a push subscription. */
export function requirePull(subscription: Subscription): void {
  if ((subscription.settings().pushConfig.pushEndpoint ?? '') === '') return
  throw new StatusError('FAILED_PRECONDITION', 'This method is not supported for this subscription type.')
}

/** @param seconds 0 refuses the message. */
export function modifyAckDeadline(
  {backlog}: Subscription,
  {messageId, attempt}: {messageId: string; attempt: number},
  seconds: number,
): void {
  if (seconds === 0) backlog.nack(messageId, attempt)
  else backlog.extend(messageId, attempt, seconds * 1000)
}

function parseAckIds(ackIds: readonly string[]): {messageId: string; attempt: number}[] {
  if (ackIds.length === 0) {
    throw new StatusError('INVALID_ARGUMENT', 'You have not specified an ack ID in the request.')
  }
  return ackIds.map(parseAckId)
}
