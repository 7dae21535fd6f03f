import {createFifo, type Fifo} from './fifo.ts'
import type {Message} from './message.ts'
import type {Timer, TimerQueue} from './timer-queue.ts'

/** One message on one subscription, from its publication to its acknowledgement. */
export type Delivery = {
  readonly message: Message
  /** How often it was handed out; the number of the lease that is running, too. */
  attempts: number
  /** `blocked`: an earlier message with its ordering key is not acknowledged yet. `waiting`: for its backoff to end. */
  state: 'ready' | 'leased' | 'waiting' | 'blocked' | 'gone'
  /** While leased the acknowledgement deadline, while waiting the end of the wait. */
  timer: Timer | undefined
  /** Told once when the lease is over, however it ended. */
  onLeaseEnd: ((delivery: Delivery) => void) | undefined
}

export type LeaseRequest = {
  readonly maxMessages: number
  /** At least one message is given, however large it is. */
  readonly maxBytes: number
  readonly deadlineMilliseconds: number
  readonly onLeaseEnd?: (delivery: Delivery) => void
}

export type Backlog = {
  readonly add: (message: Message, attempts?: number) => void
  readonly lease: (request: LeaseRequest) => Delivery[]
  /** By message id. It is right for a lease that is over, too: the work was done. Unknown ids are ignored. */
  readonly acknowledge: (id: string) => void
  /** Ends the lease that has this attempt's number, and no later one. */
  readonly nack: (id: string, attempt: number) => void
  /** Ends the lease as if it had never been: the attempt does not count. */
  readonly release: (id: string, attempt: number) => void
  readonly extend: (id: string, attempt: number, deadlineMilliseconds: number) => void
  readonly readyCount: () => number
  /** Everything not acknowledged. */
  readonly deliveries: () => Iterable<Delivery>
  /** Forgets all messages and ends all leases. */
  readonly clear: () => void
}

/**
 * @param options.isStale asked before a message is handed out; a stale one is dropped.
 * @param options.onReady there is something to lease.
 * @param options.onFailed a lease ended without an acknowledgement: milliseconds to wait, or `remove` if the message was
 * set aside.
 * @param options.onRemoved acknowledged, dropped or set aside.
 */
export function createBacklog(options: {
  readonly timers: TimerQueue
  readonly isOrdered: boolean
  readonly isStale: (message: Message) => boolean
  readonly onReady: () => void
  readonly onLeased: (delivery: Delivery) => void
  /** Told when a delivery turned out not to count. */
  readonly onGivenBack: (delivery: Delivery) => void
  readonly onFailed: (delivery: Delivery) => number | 'remove'
  readonly onRemoved: (delivery: Delivery) => void
}): Backlog {
  const {timers} = options
  const byId = new Map<string, Delivery>()
  const ready = createFifo<Delivery>()
  let readyCount = 0
  /** Per ordering key that has a message under way, those behind it. */
  const followers = new Map<string, Fifo<Delivery>>()

  function makeReady(delivery: Delivery): void {
    delivery.state = 'ready'
    delivery.timer = undefined
    ready.push(delivery)
    readyCount += 1
    options.onReady()
  }

  function add(message: Message, attempts = 0): void {
    const delivery: Delivery = {message, attempts, state: 'blocked', timer: undefined, onLeaseEnd: undefined}
    byId.set(message.id, delivery)
    const isOrdered = options.isOrdered && message.orderingKey !== ''
    const behind = isOrdered ? followers.get(message.orderingKey) : undefined
    if (isOrdered && behind === undefined) followers.set(message.orderingKey, createFifo())
    if (behind === undefined) makeReady(delivery)
    else behind.push(delivery)
  }

  function lease({maxMessages, maxBytes, deadlineMilliseconds, onLeaseEnd}: LeaseRequest): Delivery[] {
    const leased: Delivery[] = []
    let bytes = 0
    while (leased.length < maxMessages && bytes < maxBytes) {
      const delivery = ready.shift()
      if (delivery === undefined) break
      if (delivery.state !== 'ready') continue
      readyCount -= 1
      if (options.isStale(delivery.message)) {
        remove(delivery)
        continue
      }
      delivery.state = 'leased'
      delivery.attempts += 1
      delivery.onLeaseEnd = onLeaseEnd
      delivery.timer = timers.set(deadlineMilliseconds, () => fail(delivery))
      bytes += sizeOf(delivery.message)
      leased.push(delivery)
      options.onLeased(delivery)
    }
    return leased
  }

  function fail(delivery: Delivery): void {
    endLease(delivery)
    const wait = options.onFailed(delivery)
    if (wait === 'remove') {
      remove(delivery)
    } else if (wait <= 0) {
      makeReady(delivery)
    } else {
      delivery.state = 'waiting'
      delivery.timer = timers.set(wait, () => makeReady(delivery))
    }
  }

  function endLease(delivery: Delivery): void {
    if (delivery.timer !== undefined) timers.cancel(delivery.timer)
    const {onLeaseEnd} = delivery
    delivery.timer = undefined
    delivery.onLeaseEnd = undefined
    onLeaseEnd?.(delivery)
  }

  function remove(delivery: Delivery): void {
    const {state, message} = delivery
    if (state === 'ready') readyCount -= 1
    delivery.state = 'gone'
    byId.delete(message.id)
    endLease(delivery)
    options.onRemoved(delivery)
    if (state !== 'blocked') release(message.orderingKey)
  }

  /** The first message with this key is out of the way: the next may go. */
  function release(orderingKey: string): void {
    const behind = followers.get(orderingKey)
    let next = behind?.shift()
    while (next?.state === 'gone') next = behind?.shift()
    if (next !== undefined) makeReady(next)
    else followers.delete(orderingKey)
  }

  function running(id: string, attempt: number): Delivery | undefined {
    const delivery = byId.get(id)
    return delivery?.state === 'leased' && delivery.attempts === attempt ? delivery : undefined
  }

  return {
    add,
    lease,
    acknowledge(id) {
      const delivery = byId.get(id)
      if (delivery !== undefined) remove(delivery)
    },
    nack(id, attempt) {
      const delivery = running(id, attempt)
      if (delivery !== undefined) fail(delivery)
    },
    release(id, attempt) {
      const delivery = running(id, attempt)
      if (delivery === undefined) return
      endLease(delivery)
      delivery.attempts -= 1
      options.onGivenBack(delivery)
      makeReady(delivery)
    },
    extend(id, attempt, deadlineMilliseconds) {
      const delivery = running(id, attempt)
      if (delivery?.timer === undefined) return
      timers.cancel(delivery.timer)
      delivery.timer = timers.set(deadlineMilliseconds, () => fail(delivery))
    },
    readyCount: () => readyCount,
    deliveries: () => byId.values(),
    clear() {
      const all = [...byId.values()]
      byId.clear()
      followers.clear()
      readyCount = 0
      for (const delivery of all) {
        delivery.state = 'gone'
        endLease(delivery)
      }
    },
  }
}

/** Bytes of the data, near enough for flow control: base64 has a third more. */
function sizeOf(message: Message): number {
  return message.data.length * 0.75
}
