import {createCallWindow} from './call-window.ts'

/** A call may wait for its turn behind others, but no longer than this in all: well below the limit of a call. */
const comfortableSeconds = 120
/** Waiting this long costs nothing that matters, even if the API works on one call after another. */
const harmlessSeconds = 10
/** At the beginning nothing is known. An API that works on one call after another, a minute each, answers four in time. */
const startWidth = 4
/** So many times what the API works on at a time: no worker of it idles between two calls, and it shows when it grew. */
const headroom = 2.5
/** Narrower only where it is clear: calls take 1 to 60 s, so that a window of them varies by itself. */
const narrowBelow = 0.62

/** Fewer calls say nothing: one may take sixty times as long as another. */
const minCalls = 4
const minToNarrow = 16

export type PoolWidth = {
  /** How many calls may be in flight. */
  readonly current: () => number
  /** What a call begins with. `slowDown`: the API asked for less (429, 5xx, a time-out). `end`: it has its answer. */
  readonly begin: () => {readonly slowDown: () => void; readonly end: () => void}
  /** What a call may take that begins now, a margin included; undefined while too few have ended to say. */
  readonly expectedSeconds: () => number | undefined
}

/**
 * Finds out how many calls at a time an API is worth, from 1 to a ceiling, by what a window of calls shows and never by
 * a single one: throughput × the time of a call that nothing waits for is what the API works on at a time (Little's
 * law); more places only wait. It widens while throughput grows, at most twofold in a round of calls; narrows where
 * more width only meant more waiting, or waiting too long; and halves at once where the API asks for less.
 *
 * @param options.learned of an earlier part of the run.
 */
export function createPoolWidth(options: {
  readonly ceiling: number
  readonly learned?: number | undefined
  readonly now: () => Date
}): PoolWidth {
  const {ceiling, learned, now} = options
  const calls = createCallWindow()
  let width = Math.min(ceiling, Math.max(1, learned ?? startWidth))
  let changedAt = now().getTime()
  /** Nothing has spoken against more width yet. */
  let isCareless = learned === undefined
  let halvings = 0

  function change(to: number): void {
    const bounded = Math.min(ceiling, Math.max(1, to))
    if (Math.floor(bounded) < Math.floor(width)) isCareless = false
    if (Math.floor(bounded) !== Math.floor(width)) changedAt = now().getTime()
    width = bounded
  }

  /** What the calls at this width speak for; the width itself while they say nothing. */
  function judge(): number {
    // What began at another width says nothing of this one, and a round of calls is the least that does.
    const view = calls.view({since: changedAt, atLeast: Math.max(minCalls, Math.floor(width))})
    if (view === undefined) return width
    const isHarmless = (view.p95Seconds * ceiling) / width <= harmlessSeconds
    if (isHarmless) return isCareless ? ceiling : width + 1
    const comfortable = (width * comfortableSeconds) / view.p95Seconds
    const useful = headroom * view.callsPerSecond * calls.unhurriedSeconds(view) + 1
    if (comfortable < width) return comfortable
    if (view.calls >= minToNarrow && useful < width * narrowBelow) return Math.max(useful, width / 2)
    return Math.max(width, Math.min(comfortable, useful, isCareless ? 2 * width : width + 1))
  }

  return {
    current: () => Math.floor(width),
    expectedSeconds: () => calls.expectedSeconds(Math.floor(width)),
    begin() {
      const beganAt = now().getTime()
      let seen = halvings
      let isSlowed = false
      return {
        slowDown() {
          isSlowed = true
          // Those that run into the limit together are one sign, not many.
          if (seen === halvings) {
            halvings += 1
            isCareless = false
            change(width / 2)
          }
          seen = halvings
        },
        end() {
          if (isSlowed || seen !== halvings) return
          calls.add({beganAt, endedAt: now().getTime(), width: Math.floor(width)})
          change(judge())
        },
      }
    },
  }
}
