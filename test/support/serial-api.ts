import type {OrganizationOperations} from '../../lib/admin-api/organization-operations.ts'
import {InterruptedError} from '../../lib/errors/interrupted-error.ts'
import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import {createOrganizationList, syncResult} from './organization-list.ts'

/** As long as the client waits for a sync. */
const clientSeconds = 295

/** What an API works off: seconds of work for each organization, newest first, and its workers at a time of its own. */
export type SerialLoad = {
  readonly works: readonly number[]
  /** How many work at so many seconds since the beginning; changes at whole seconds only. */
  readonly workersAt: (seconds: number) => number
}

/**
 * The admin API as Cloud Run runs it: workers that work on one request after another, in the order in which they came,
 * and go on with one whose client has left. Goes by the clock and the timers that are in place, so a fake clock makes a
 * simulation of it.
 */
export function createSerialApi({works, workersAt}: SerialLoad) {
  const {list, slugs} = createOrganizationList(works.length)
  const workOf = new Map(slugs().map((slug, index) => [slug, works[index] ?? 0]))
  const startedAt = Date.now()
  const waiting: {readonly seconds: number; readonly done: () => void}[] = []
  const sent = new Map<string, number[]>()
  const cutOffs = new Set<() => void>()
  let busy = 0
  let timeouts = 0
  let interruptions = 0
  let maxInFlight = 0
  let inFlight = 0
  let isPumping = false
  const seconds = () => (Date.now() - startedAt) / 1000

  function pump(): void {
    while (waiting.length > 0 && busy < workersAt(seconds())) {
      const request = waiting.shift()
      if (request === undefined) return
      busy += 1
      setTimeout(() => {
        busy -= 1
        request.done()
        pump()
      }, request.seconds * 1000)
    }
    // New workers come at whole seconds.
    if (waiting.length === 0 || isPumping) return
    isPumping = true
    setTimeout(
      () => {
        isPumping = false
        pump()
      },
      1000 - ((Date.now() - startedAt) % 1000),
    )
  }

  const syncOrganization: OrganizationOperations['syncOrganization'] = (orgSlug, options) =>
    new Promise((resolve, reject) => {
      sent.set(orgSlug, [...(sent.get(orgSlug) ?? []), seconds()])
      inFlight += 1
      maxInFlight = Math.max(maxInFlight, inFlight)
      const leave = (then: () => void) => () => {
        if (!cutOffs.delete(cutOff)) return
        clearTimeout(limit)
        inFlight -= 1
        then()
      }
      const limit = setTimeout(
        leave(() => {
          timeouts += 1
          const error = new UnavailableError(`no answer within ${clientSeconds} s`, {mayHaveExecuted: true})
          options?.onUnavailable?.(error)
          reject(error)
        }),
        clientSeconds * 1000,
      )
      const cutOff = leave(() => {
        interruptions += 1
        reject(new InterruptedError('stopped'))
      })
      cutOffs.add(cutOff)
      waiting.push({seconds: workOf.get(orgSlug) ?? 0, done: leave(() => resolve(syncResult()))})
      pump()
    })

  return {
    listActiveOrganizations: list,
    syncOrganization,
    /** What the job's signal does to its requests. */
    cutOff: () => {
      for (const cutOff of [...cutOffs]) cutOff()
    },
    /** When each organization was sent, in seconds since the beginning. */
    sent,
    figures: () => ({seconds: seconds(), timeouts, interruptions, maxInFlight}),
  }
}

/** How long these workers need at least if the next of them never waits for work, in this order. */
export function idealSeconds({works, workersAt}: SerialLoad): number {
  const left = [...works]
  let running: number[] = []
  for (let now = 0; ; ) {
    while (left.length > 0 && running.length < workersAt(now)) running.push(now + (left.shift() ?? 0))
    if (running.length === 0) return now
    const next = Math.min(...running)
    // Until something ends, or another worker may come.
    now = left.length > 0 ? Math.min(next, Math.floor(now) + 1) : next
    running = running.filter(end => end > now)
    if (running.length === 0 && left.length === 0) return now
  }
}

/** So many durations from 1 to 60 s, the same for a seed. */
export function worksOf(count: number, random: () => number): number[] {
  return Array.from({length: count}, () => 1 + 59 * random())
}
