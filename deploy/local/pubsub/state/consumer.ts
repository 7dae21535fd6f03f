import type {StatusError} from '../wire/status-error.ts'
import type {Delivery} from './backlog.ts'

/** What takes messages from a subscription: a push endpoint, a stream, a pull that waits. */
export type Consumer = {
  /** What it would take now. No messages or no bytes: nothing, until it asks for a dispatch again. */
  readonly capacity: () => {messages: number; bytes: number}
  /** How long it has for each message. */
  readonly deadlineMilliseconds: () => number
  readonly take: (deliveries: readonly Delivery[]) => void
  /** A message that it had was acknowledged, refused or out of time. */
  readonly onLeaseEnd?: (delivery: Delivery) => void
  /** The subscription is gone or delivers another way now: nothing more comes. */
  readonly onClosed?: (reason: StatusError) => void
}

/** Large enough to be cheap, small enough that several streams get their share. */
const maxMessagesAtOnce = 100
const maxBytesAtOnce = 1_000_000

/** Hands out what is ready, in turn to those that can take it. */
export type Consumers = {
  readonly add: (consumer: Consumer) => void
  readonly remove: (consumer: Consumer) => void
  /** Hands out soon, once for however many reasons there are in this turn of the event loop. */
  readonly dispatch: () => void
  /** Sends all of them away. */
  readonly close: (reason: StatusError) => void
}

export function createConsumers(options: {
  readonly readyCount: () => number
  readonly lease: (consumer: Consumer, maxMessages: number, maxBytes: number) => Delivery[]
}): Consumers {
  const consumers: Consumer[] = []
  let turn = 0
  let isPlanned = false

  function next(): {consumer: Consumer; messages: number; bytes: number} | undefined {
    for (let tried = 0; tried < consumers.length; tried += 1) {
      const consumer = consumers[turn % consumers.length]
      turn = (turn + 1) % consumers.length
      const room = consumer?.capacity()
      if (consumer !== undefined && room !== undefined && room.messages > 0 && room.bytes > 0) {
        return {consumer, ...room}
      }
    }
    return undefined
  }

  function handOut(): void {
    isPlanned = false
    while (options.readyCount() > 0) {
      const free = next()
      if (free === undefined) return
      const {consumer, messages, bytes} = free
      const deliveries = options.lease(consumer, Math.min(messages, maxMessagesAtOnce), Math.min(bytes, maxBytesAtOnce))
      if (deliveries.length > 0) consumer.take(deliveries)
    }
  }

  function dispatch(): void {
    if (isPlanned) return
    isPlanned = true
    queueMicrotask(handOut)
  }

  return {
    add(consumer) {
      consumers.push(consumer)
      dispatch()
    },
    remove(consumer) {
      const position = consumers.indexOf(consumer)
      if (position >= 0) consumers.splice(position, 1)
    },
    dispatch,
    close(reason) {
      for (const consumer of consumers.splice(0)) consumer.onClosed?.(reason)
    },
  }
}
