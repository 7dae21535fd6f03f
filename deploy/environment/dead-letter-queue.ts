import timers from 'node:timers/promises'
import type {v1} from '@google-cloud/pubsub'
import {backoffSeconds} from '../../lib/http/backoff.ts'
import {deadLettersTopic} from '../../lib/job/job-name.ts'
import {parseReceivedMessages, type ReceivedMessage, toQueueError} from './received-message.ts'

/** The letters that a command has for itself, until its work is over or it acknowledges them. */
export type LeasedMessages = {
  readonly deadLetters: readonly ReceivedMessage[]
  /** Asked for, and not there: acknowledged meanwhile, or leased by another command. */
  readonly missing: readonly string[]
  /** Takes a letter out for good. @throws UnavailableError if Pub/Sub did not confirm it; it may then still be listed. */
  readonly acknowledge: (id: string) => Promise<void>
}

/** The pull subscription `dead-letters`. Letters leave it by `acknowledge` alone. */
export type DeadLetterQueue = {
  /**
   * Looks at all letters, oldest first, and gives them back.
   *
   * @returns isComplete false where there are more than can be looked at.
   * @throws UnavailableError
   */
  readonly list: (signal: AbortSignal) => Promise<{deadLetters: readonly ReceivedMessage[]; isComplete: boolean}>
  /**
   * Holds letters by id while the work goes on, and gives back those that it did not acknowledge. A command that is
   * killed gives them back by its leases' end.
   *
   * @throws UnavailableError
   */
  readonly hold: <T>(
    ids: readonly string[],
    signal: AbortSignal,
    work: (leased: LeasedMessages) => Promise<T>,
  ) => Promise<T>
  readonly close: () => Promise<void>
}

export type DeadLetterQueueOptions = {
  readonly projectId: string
  /** Pub/Sub on this machine; undefined: Google's. */
  readonly host: string | undefined
  /** Between pulls that give nothing. Google's service may have letters and give none at once. */
  readonly pauseMilliseconds: number
  readonly random: () => number
  /** How long a letter stays with a command that died. @default 60 */
  readonly leaseSeconds?: number
  /** Told before another try for letters that were not there. */
  readonly onMissing?: (ids: readonly string[]) => void
}

/** So many pulls in a row that give nothing mean that there is nothing more. */
const emptyPulls = 4
/** Bounds of one look: beyond, there is more than a person reads. */
const maxMessages = 5000
const maxReadMilliseconds = 45_000
/** Tries to find letters by id, since another command that looks holds them for a moment. */
const maxRounds = 4
const callOptions = {timeout: 15_000}
/** Ack ids a request; a request may have 512 KB. Source: Pub/Sub quotas, "Resource limits". */
const idsPerRequest = 1000

type Lease = {readonly ackId: string; readonly deadLetter: ReceivedMessage}

/** Reads dead letters with Google's client, pull by pull: a streaming pull would hand out more than is looked at. */
export function createDeadLetterQueue(options: DeadLetterQueueOptions): DeadLetterQueue {
  const {projectId, leaseSeconds = 60, pauseMilliseconds, random} = options
  const subscription = `projects/${projectId}/subscriptions/${deadLettersTopic}`
  let connecting: ReturnType<typeof connect> | undefined

  async function call<T>(act: (client: v1.SubscriberClient) => Promise<T>): Promise<T> {
    try {
      connecting ??= connect(options)
      return await act((await connecting).subscriber)
    } catch (error) {
      throw toQueueError(error, subscription)
    }
  }

  async function setDeadline(leases: Iterable<Lease>, ackDeadlineSeconds: number): Promise<void> {
    const ackIds = [...leases].map(({ackId}) => ackId)
    for (let first = 0; first < ackIds.length; first += idsPerRequest) {
      const request = {subscription, ackDeadlineSeconds, ackIds: ackIds.slice(first, first + idsPerRequest)}
      await call(client => client.modifyAckDeadline(request, callOptions))
    }
  }

  /** Leases what there is into `leases`, until it is enough or nothing more comes. @returns false at the bounds. */
  async function pullInto(leases: Map<string, Lease>, signal: AbortSignal, isEnough: () => boolean): Promise<boolean> {
    const timeUp = AbortSignal.timeout(maxReadMilliseconds)
    for (let empty = 0; empty < emptyPulls && !isEnough(); ) {
      if (timeUp.aborted || leases.size >= maxMessages) return false
      signal.throwIfAborted()
      // returnImmediately: without it a pull from an empty subscription takes as long as the service likes.
      const request = {subscription, maxMessages: 500, returnImmediately: true}
      const [answer] = await call(client => client.pull(request, callOptions))
      const received = parseReceivedMessages(answer)
      for (const {ackId, deadLetter} of received) leases.set(deadLetter.id, {ackId, deadLetter})
      // Whatever deadline the subscription has, this is how long a letter may stay away.
      await setDeadline(received, leaseSeconds)
      if (received.length === 0) {
        empty += 1
        if (empty < emptyPulls) await pause(pauseMilliseconds, signal)
      } else empty = 0
    }
    return true
  }

  /** Letters that can't be given back come back by themselves when their lease ends. */
  async function release(leases: Map<string, Lease>, ids = [...leases.keys()]): Promise<void> {
    const given = ids.flatMap(id => leases.get(id) ?? [])
    for (const id of ids) leases.delete(id)
    await setDeadline(given, 0).catch(() => undefined)
  }

  return {
    async list(signal) {
      const leases = new Map<string, Lease>()
      try {
        const isComplete = await pullInto(leases, signal, () => false)
        return {deadLetters: deadLettersOf(leases), isComplete}
      } finally {
        await release(leases)
      }
    },

    async hold(ids, signal, work) {
      const wanted = new Set(ids)
      const leases = new Map<string, Lease>()
      const missing = () => [...wanted].filter(id => !leases.has(id))
      const heartbeat = setInterval(
        () => void setDeadline(leases.values(), leaseSeconds).catch(() => undefined),
        (leaseSeconds * 1000) / 3,
      )
      try {
        for (let round = 1; ; round += 1) {
          await pullInto(leases, signal, () => missing().length === 0)
          // The others' letters go back before the wait: two commands that look for each other's would never meet.
          await release(
            leases,
            [...leases.keys()].filter(id => !wanted.has(id)),
          )
          if (missing().length === 0 || round === maxRounds) break
          if (round === 1) options.onMissing?.(missing())
          const firstDelaySeconds = (pauseMilliseconds * 2) / 1000
          const policy = {retries: maxRounds, firstDelaySeconds, maxDelaySeconds: 10}
          await pause(backoffSeconds(policy, round, random()) * 1000, signal)
        }
        return await work({
          deadLetters: deadLettersOf(leases),
          missing: missing(),
          async acknowledge(id) {
            const lease = leases.get(id)
            if (lease === undefined) throw new Error(`dead letter ${id} is not held`)
            await call(client => client.acknowledge({subscription, ackIds: [lease.ackId]}, callOptions))
            leases.delete(id)
          },
        })
      } finally {
        clearInterval(heartbeat)
        await release(leases)
      }
    },

    async close() {
      const clients = await connecting?.catch(() => undefined)
      await clients?.subscriber.close()
      await clients?.pubSub.close()
    },
  }
}

async function connect({projectId, host}: DeadLetterQueueOptions) {
  const {PubSub, v1: clients} = await import('@google-cloud/pubsub')
  const pubSub = new PubSub({projectId, ...(host === undefined ? {} : {apiEndpoint: host, emulatorMode: true})})
  return {pubSub, subscriber: new clients.SubscriberClient({...(await pubSub.getClientConfig())})}
}

function deadLettersOf(leases: ReadonlyMap<string, Lease>): ReceivedMessage[] {
  return [...leases.values()]
    .map(({deadLetter}) => deadLetter)
    .toSorted((a, b) => a.publishedAt.getTime() - b.publishedAt.getTime() || a.id.localeCompare(b.id))
}

/** Ends early by rejecting with the signal's reason. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await timers.setTimeout(milliseconds, undefined, {signal}).catch(() => signal.throwIfAborted())
}
