import {randomUUID} from 'node:crypto'
import {UnavailableError} from '../errors/unavailable-error.ts'
import {withDeadline} from '../http/deadline.ts'
import {deadLettersTopic} from '../job/job-name.ts'
import {toMessageText} from '../log/error-text.ts'
import type {OutgoingMessage} from './dead-letter.ts'

export type MessagePublisher = {
  /**
   * Publishes one message. Google's client sends it again when an answer is lost, so one publication can become two
   * messages: both carry the same `requestId`, by which a function takes them for one.
   *
   * @returns the message's id.
   * @throws UnavailableError if Pub/Sub did not take it, or did not say so.
   */
  readonly publish: (topic: string, message: OutgoingMessage) => Promise<string>
  readonly close: () => Promise<void>
}

/** The client's own settings, but for its total of 600 s: a delivery must be answered before that. */
function retryFor(totalTimeoutMillis: number) {
  // Codes of gRPC: ABORTED, CANCELLED, INTERNAL, RESOURCE_EXHAUSTED, UNKNOWN, UNAVAILABLE, DEADLINE_EXCEEDED.
  const retryCodes = [10, 1, 13, 8, 2, 14, 4]
  const backoffSettings = {
    initialRetryDelayMillis: 100,
    retryDelayMultiplier: 2,
    maxRetryDelayMillis: 5000,
    initialRpcTimeoutMillis: 10_000,
    rpcTimeoutMultiplier: 1,
    maxRpcTimeoutMillis: 10_000,
    totalTimeoutMillis,
  }
  return {retryCodes, backoffSettings}
}

/**
 * Publishes with Google's client, which is loaded when the first message is: a run that succeeds publishes nothing,
 * and the client brings the whole gRPC stack along.
 *
 * @param options.host Pub/Sub on this machine; absent: Google's.
 */
export function createMessagePublisher(options: {
  readonly projectId: string
  readonly host: string | undefined
  /**
   * Past the client's own total, this also covers what the client does before it sends, such as fetching a token.
   *
   * @default 35
   */
  readonly deadlineSeconds?: number
}): MessagePublisher {
  const {projectId, host, deadlineSeconds = 35} = options
  let client: Promise<import('@google-cloud/pubsub').PubSub> | undefined
  const connect = async () => {
    const {PubSub} = await import('@google-cloud/pubsub')
    return new PubSub({projectId, ...(host === undefined ? {} : {apiEndpoint: host, emulatorMode: true})})
  }
  return {
    async publish(topic, {data, attributes}) {
      try {
        client ??= connect().catch(error => {
          client = undefined
          throw error
        })
        const pubSub = await client
        // One message at a time: waiting for more would only delay the acknowledgement.
        const target = pubSub.topic(topic, {batching: {maxMessages: 1}, gaxOpts: {retry: retryFor(30_000)}})
        // A dead letter keeps the request of the message that it holds, in its note.
        const request = topic === deadLettersTopic ? {} : {requestId: randomUUID()}
        const message = {data, attributes: {...attributes, ...request}}
        return await withDeadline(
          deadlineSeconds * 1000,
          () => new Error(`no answer within ${deadlineSeconds} s`),
          () => target.publishMessage(message),
        )
      } catch (cause) {
        const message = `can't publish to ${topic}: ${toMessageText(cause)}`
        throw new UnavailableError(message, {mayHaveExecuted: true}, {cause})
      }
    },
    close: async () => void (await (await client)?.close()),
  }
}
