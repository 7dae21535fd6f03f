/** Tells the pool, from within a piece of work, that the counterpart asked for less. */
export type SlowDown = () => void

/**
 * Works on a stream, so many at a time: the next one starts as soon as a place is free, so that one slow piece of work
 * holds up one place and no more. An item is taken from the stream only when it can start: what was taken was worked on.
 *
 * @param options.concurrency places; slowing down halves them, work that ends well gives one back at a time.
 * @param options.stop once it fires nothing more is taken; what is in flight is waited for.
 * @param options.work a rejection stops the pool, and is thrown when what is in flight has ended.
 * @returns whether the stream came to its end.
 */
export async function runPool<Item>(
  items: AsyncIterable<Item>,
  options: {
    readonly concurrency: number
    readonly stop: AbortSignal
    readonly work: (item: Item, slowDown: SlowDown) => Promise<void>
  },
): Promise<'exhausted' | 'stopped'> {
  const {concurrency, stop, work} = options
  const places = createAdaptiveLimit(concurrency)
  let inFlight = 0
  let failure: {readonly error: unknown} | undefined
  let wake = () => {}
  const oneEnds = () => new Promise<void>(resolve => (wake = resolve))

  const start = async (item: Item) => {
    inFlight += 1
    const pace = places.begin()
    try {
      await work(item, pace.slowDown)
      pace.end()
    } catch (error) {
      failure ??= {error}
    } finally {
      inFlight -= 1
      wake()
    }
  }

  let end: 'exhausted' | 'stopped' = 'exhausted'
  try {
    if (stop.aborted) return 'stopped'
    for await (const item of items) {
      void start(item)
      while (inFlight >= places.limit() && failure === undefined) await oneEnds()
      if (stop.aborted || failure !== undefined) {
        end = 'stopped'
        break
      }
    }
  } catch (error) {
    failure ??= {error}
  }
  while (inFlight > 0) await oneEnds()
  if (failure !== undefined) throw failure.error
  return end
}

/**
 * How many may be in flight: halved when one is slowed down, and again only for one that began after that; with each
 * that began after it and ends well, grown so that as many as are allowed give one more.
 */
function createAdaptiveLimit(most: number) {
  let limit = most
  let halvings = 0
  return {
    limit: () => Math.floor(limit),
    begin() {
      let seen = halvings
      let isSlowed = false
      return {
        slowDown() {
          isSlowed = true
          // Those that run into the limit together are one sign, not many.
          if (seen === halvings) {
            limit = Math.max(1, limit / 2)
            halvings += 1
          }
          seen = halvings
        },
        end() {
          if (!isSlowed && seen === halvings) limit = Math.min(most, limit + 1 / limit)
        },
      }
    },
  }
}
