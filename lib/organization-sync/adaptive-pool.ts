import type {PoolWidth} from './pool-width.ts'

/** Tells the pool, from within a piece of work, that the counterpart asked for less. */
export type SlowDown = () => void

/**
 * Works on a stream, as many at a time as its width says: the next one starts as soon as a place is free, so that one
 * slow piece of work holds up one place and no more. An item is taken from the stream only when it can start: what was
 * taken was worked on.
 *
 * @param options.stop once it fires nothing more is taken; what is in flight is waited for.
 * @param options.hasTime asked before each item; once it says no, nothing more is taken.
 * @param options.work a rejection stops the pool, and is thrown when what is in flight has ended.
 * @returns whether the stream came to its end.
 */
export async function runPool<Item>(
  items: AsyncIterable<Item>,
  options: {
    readonly width: PoolWidth
    readonly stop: AbortSignal
    readonly hasTime?: () => boolean
    readonly work: (item: Item, slowDown: SlowDown) => Promise<void>
  },
): Promise<'exhausted' | 'stopped'> {
  const {width, stop, hasTime = () => true, work} = options
  let inFlight = 0
  let failure: {readonly error: unknown} | undefined
  let wake = () => {}
  const oneEnds = () => new Promise<void>(resolve => (wake = resolve))

  const start = async (item: Item) => {
    inFlight += 1
    const call = width.begin()
    try {
      await work(item, call.slowDown)
      call.end()
    } catch (error) {
      failure ??= {error}
    } finally {
      inFlight -= 1
      wake()
    }
  }

  let end: 'exhausted' | 'stopped' = 'exhausted'
  try {
    if (stop.aborted || !hasTime()) return 'stopped'
    for await (const item of items) {
      void start(item)
      while (inFlight >= width.current() && failure === undefined) await oneEnds()
      if (stop.aborted || failure !== undefined || !hasTime()) {
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
