import timers from 'node:timers/promises'
import {backoffSeconds} from '../../lib/http/backoff.ts'
import {deadLettersTopic} from '../../lib/job/job-name.ts'
import {createPullSubscription, type Leased, type ReceivedMessage} from './pull-subscription.ts'

/** The dead letters that a command has for itself until its work is over or it acknowledges them. */
export type LeasedMessages = {
  readonly deadLetters: readonly ReceivedMessage[]
  /** Asked for and not there: acknowledged in the meantime, or leased by another command. */
  readonly missing: readonly string[]
  /** Takes a dead letter out for good. @throws UnavailableError if Pub/Sub didn't confirm; it may still be listed then. */
  readonly acknowledge: (id: string) => Promise<void>
}

/** The pull subscription `dead-letters`. Messages leave it by `acknowledge` alone. */
export type DeadLetterQueue = {
  /**
   * Reads what Pub/Sub hands out, oldest first, and gives it back at once: reading is no lease. One pull; more only
   * while some of `expected` are missing.
   *
   * @param expected ids that the ledger says are there.
   * @returns isBounded: there may be more than one pull hands out.
   * @throws UnavailableError
   */
  readonly peek: (
    expected: readonly string[],
    signal: AbortSignal,
  ) => Promise<{readonly deadLetters: readonly ReceivedMessage[]; readonly isBounded: boolean}>
  /**
   * Leases dead letters by id while the work goes on, and gives back those that it did not acknowledge. Those of a
   * command that is killed come back when their leases end.
   *
   * @throws UnavailableError
   */
  readonly hold: <T>(
    ids: readonly string[],
    signal: AbortSignal,
    work: (leased: LeasedMessages) => Promise<T>,
  ) => Promise<T>
}

export type DeadLetterQueueOptions = {
  readonly projectId: string
  /** Pub/Sub on this machine; undefined: Google's. */
  readonly host: string | undefined
  /** Between pulls that give nothing. Google's service may have messages and give none at once. */
  readonly pauseMilliseconds: number
  readonly random: () => number
  /** How long a dead letter stays with a command that died. @default 60 */
  readonly leaseSeconds?: number
  /** Told before another try for dead letters that were not there. */
  readonly onMissing?: (ids: readonly string[]) => void
}

/** This many pulls in a row that give nothing mean that there is nothing more. */
const emptyPulls = 4
/** Pub/Sub hands out no more at once. */
const maxMessagesPerPull = 1000
/** Bounds of one search by id. */
const maxMessages = 5000
const maxReadMilliseconds = 45_000
/** Tries to find dead letters by id, since another command that reads has them for a moment. */
const maxRounds = 4

type Leases = Map<string, Leased>

/** Dead letters by single pulls: a streaming pull would hand out more than is read. */
export function createDeadLetterQueue(options: DeadLetterQueueOptions): DeadLetterQueue {
  const {projectId, host, leaseSeconds = 60, pauseMilliseconds, random} = options
  const subscription = createPullSubscription({projectId, host, name: deadLettersTopic})

  /** Leases what there is into `leases`, until it is enough or nothing more comes. */
  async function pullInto(leases: Leases, signal: AbortSignal, isEnough: () => boolean): Promise<void> {
    const timeUp = AbortSignal.timeout(maxReadMilliseconds)
    for (let empty = 0; empty < emptyPulls && !isEnough(); ) {
      if (timeUp.aborted || leases.size >= maxMessages) return
      signal.throwIfAborted()
      const received = await subscription.pull(maxMessagesPerPull)
      for (const lease of received) leases.set(lease.message.id, lease)
      // Whatever deadline the subscription has, this is how long a dead letter may stay away.
      await subscription.setDeadline(received, leaseSeconds)
      if (received.length === 0) {
        empty += 1
        if (empty < emptyPulls) await pause(pauseMilliseconds, signal)
      } else empty = 0
    }
  }

  /** What can't be given back comes back when its lease ends. */
  async function release(leases: Leases, ids = [...leases.keys()]): Promise<void> {
    const given = ids.flatMap(id => leases.get(id) ?? [])
    for (const id of ids) leases.delete(id)
    await subscription.setDeadline(given, 0).catch(() => undefined)
  }

  return {
    async peek(expected, signal) {
      const found = new Map<string, ReceivedMessage>()
      for (let pulls = 1; ; pulls += 1) {
        const received = await subscription.pull(maxMessagesPerPull)
        await subscription.setDeadline(received, 0).catch(() => undefined)
        for (const {message} of received) found.set(message.id, message)
        const isBounded = received.length === maxMessagesPerPull
        if (expected.every(id => found.has(id)) || pulls === emptyPulls) return {deadLetters: byTime(found), isBounded}
        await pause(pauseMilliseconds, signal)
      }
    },

    async hold(ids, signal, work) {
      const wanted = new Set(ids)
      const leases: Leases = new Map()
      const missing = () => [...wanted].filter(id => !leases.has(id))
      const heartbeat = setInterval(
        () => void subscription.setDeadline([...leases.values()], leaseSeconds).catch(() => undefined),
        (leaseSeconds * 1000) / 3,
      )
      try {
        for (let round = 1; ; round += 1) {
          await pullInto(leases, signal, () => missing().length === 0)
          // Those of others go back before the wait: two commands that want each other's would never meet.
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
          deadLetters: byTime(new Map([...leases].map(([id, {message}]) => [id, message]))),
          missing: missing(),
          async acknowledge(id) {
            const lease = leases.get(id)
            if (lease === undefined) throw new Error(`dead letter ${id} isn't leased`)
            await subscription.acknowledge(lease)
            leases.delete(id)
          },
        })
      } finally {
        clearInterval(heartbeat)
        await release(leases)
      }
    },
  }
}

function byTime(messages: ReadonlyMap<string, ReceivedMessage>): ReceivedMessage[] {
  return [...messages.values()].toSorted(
    (a, b) => a.publishedAt.getTime() - b.publishedAt.getTime() || a.id.localeCompare(b.id),
  )
}

/** Ends early by rejecting with the signal's reason. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await timers.setTimeout(milliseconds, undefined, {signal}).catch(() => signal.throwIfAborted())
}
