import * as z from 'zod'
import type {Broker} from '../delivery/broker.ts'
import type {Delivery} from '../state/backlog.ts'
import type {Consumer} from '../state/consumer.ts'
import type {Journal} from '../state/journal.ts'
import {requireWithin} from '../state/message.ts'
import type {Subscription} from '../state/subscription.ts'
import {checkAckDeadline, parseAckId} from '../wire/ack-id.ts'
import {StatusError, toStatusError} from '../wire/status-error.ts'
import {modifyAckDeadline, requirePull} from './delivery-methods.ts'
import {toReceivedMessage} from './received-message.ts'
import {findSubscription} from './subscription-methods.ts'

const streamingPullRequest = z.object({
  subscription: z.string().default(''),
  ackIds: z.array(z.string()).default([]),
  modifyDeadlineSeconds: z.array(z.number()).default([]),
  modifyDeadlineAckIds: z.array(z.string()).default([]),
  streamAckDeadlineSeconds: z.number().default(0),
  maxOutstandingMessages: z.number().default(0),
  maxOutstandingBytes: z.number().default(0),
})

type StreamingPullRequest = z.infer<typeof streamingPullRequest>

/** The client's side of one stream. */
export type StreamingPullClient = {
  /** False while what was sent before has not left. */
  readonly isWritable: () => boolean
  readonly send: (response: object) => void
  readonly end: (reason: StatusError) => void
}

/** Serves one stream: returns what to do with what the client does. */
export type StreamingPull = (client: StreamingPullClient) => {
  readonly onRequest: (request: unknown) => void
  readonly onWritable: () => void
  /** It is over. What was handed out waits for its deadline. */
  readonly onGone: () => void
}

/** google.pubsub.v1.Subscriber.StreamingPull. */
export function createStreamingPull(broker: Broker, journal: Journal): StreamingPull {
  return client => {
    let stream: {readonly subscription: Subscription; readonly consumer: Consumer} | undefined
    let deadlineSeconds = 0

    function open(request: StreamingPullRequest): void {
      const subscription = findSubscription(broker, request.subscription)
      requirePull(subscription)
      setDeadline(request.streamAckDeadlineSeconds)
      const consumer = createStreamConsumer({
        subscription,
        client,
        journal,
        maxMessages: request.maxOutstandingMessages || Number.POSITIVE_INFINITY,
        maxBytes: request.maxOutstandingBytes || Number.POSITIVE_INFINITY,
        deadlineMilliseconds: () => deadlineSeconds * 1000,
      })
      stream = {subscription, consumer}
      respond(client, subscription, [])
      subscription.consumers.add(consumer)
    }

    function setDeadline(seconds: number): void {
      requireWithin('stream_ack_deadline_seconds', seconds, 10, 600)
      deadlineSeconds = seconds
    }

    function change(request: StreamingPullRequest): void {
      if (stream === undefined) return
      const {subscription} = stream
      if (request.streamAckDeadlineSeconds !== 0) setDeadline(request.streamAckDeadlineSeconds)
      if (request.modifyDeadlineAckIds.length !== request.modifyDeadlineSeconds.length) {
        throw new StatusError(
          'INVALID_ARGUMENT',
          'modify_deadline_ack_ids and modify_deadline_seconds differ in length.',
        )
      }
      for (const ackId of request.ackIds) subscription.backlog.acknowledge(parseAckId(ackId).messageId)
      for (const [index, ackId] of request.modifyDeadlineAckIds.entries()) {
        const seconds = request.modifyDeadlineSeconds[index] ?? 0
        checkAckDeadline(seconds)
        modifyAckDeadline(subscription, parseAckId(ackId), seconds)
      }
      const asksNothing = request.ackIds.length === 0 && request.modifyDeadlineAckIds.length === 0
      // An empty request asks whether the stream still lives: a client of protocol version 1 gives up after 15 s.
      if (asksNothing) respond(client, subscription, [])
    }

    function close(): void {
      stream?.subscription.consumers.remove(stream.consumer)
      stream = undefined
    }

    return {
      onRequest(wire) {
        try {
          const request = streamingPullRequest.parse(wire)
          if (stream === undefined) open(request)
          else change(request)
        } catch (error) {
          close()
          client.end(toStatusError(error))
        }
      },
      onWritable: () => stream?.subscription.consumers.dispatch(),
      onGone: close,
    }
  }
}

function createStreamConsumer(options: {
  readonly subscription: Subscription
  readonly client: StreamingPullClient
  readonly journal: Journal
  readonly maxMessages: number
  readonly maxBytes: number
  readonly deadlineMilliseconds: () => number
}): Consumer {
  const {subscription, client, journal} = options
  let messages = 0
  let bytes = 0
  return {
    deadlineMilliseconds: options.deadlineMilliseconds,
    capacity: () =>
      client.isWritable()
        ? {messages: options.maxMessages - messages, bytes: options.maxBytes - bytes}
        : {messages: 0, bytes: 0},
    take(deliveries) {
      messages += deliveries.length
      for (const {message} of deliveries) bytes += message.data.length
      journal.flush()
      respond(client, subscription, deliveries)
    },
    onLeaseEnd({message}) {
      messages -= 1
      bytes -= message.data.length
    },
    onClosed: client.end,
  }
}

function respond(client: StreamingPullClient, subscription: Subscription, deliveries: readonly Delivery[]): void {
  const settings = subscription.settings()
  client.send({
    receivedMessages: deliveries.map(delivery => toReceivedMessage(delivery, settings)),
    subscriptionProperties: {
      exactlyOnceDeliveryEnabled: false,
      messageOrderingEnabled: settings.enableMessageOrdering ?? false,
    },
  })
}
