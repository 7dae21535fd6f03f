/** One thing to happen later. Opaque: made by {@link TimerQueue.set}, given back to `cancel`. */
export type Timer = {
  readonly dueMilliseconds: number
  readonly fire: () => void
  /** Its place in the heap, -1 once it rang or was cancelled. */
  position: number
}

/**
 * Deadlines and backoffs, tens of thousands at a time, on one timer. A timer of its own for each message costs more than
 * delivering the message does.
 */
export type TimerQueue = {
  readonly set: (delayMilliseconds: number, fire: () => void) => Timer
  readonly cancel: (timer: Timer) => void
  /** Forgets everything: nothing rings any more. */
  readonly stop: () => void
}

/** @param now a clock that never jumps, in milliseconds. */
export function createTimerQueue(now: () => number): TimerQueue {
  /** A binary heap, earliest first; each timer knows its place, so that cancelling needs no search. */
  const heap: Timer[] = []
  let timer: NodeJS.Timeout | undefined
  let timerDue = Number.POSITIVE_INFINITY

  function place(timer: Timer, position: number): void {
    heap[position] = timer
    timer.position = position
  }

  function rise(timer: Timer, from: number): void {
    let position = from
    while (position > 0) {
      const parentPosition = (position - 1) >> 1
      const parent = heap[parentPosition]
      if (parent === undefined || parent.dueMilliseconds <= timer.dueMilliseconds) break
      place(parent, position)
      position = parentPosition
    }
    place(timer, position)
  }

  function sink(timer: Timer, from: number): void {
    let position = from
    for (;;) {
      const leftPosition = position * 2 + 1
      const left = heap[leftPosition]
      if (left === undefined) break
      const right = heap[leftPosition + 1]
      const child = right !== undefined && right.dueMilliseconds < left.dueMilliseconds ? right : left
      if (child.dueMilliseconds >= timer.dueMilliseconds) break
      const childPosition = child.position
      place(child, position)
      position = childPosition
    }
    place(timer, position)
  }

  function remove(timer: Timer): void {
    const {position} = timer
    timer.position = -1
    const last = heap.pop()
    if (last === undefined || last === timer) return
    if (last.dueMilliseconds < timer.dueMilliseconds) rise(last, position)
    else sink(last, position)
  }

  function arm(): void {
    const first = heap[0]
    if (first === undefined || first.dueMilliseconds >= timerDue) return
    clearTimeout(timer)
    timerDue = first.dueMilliseconds
    timer = setTimeout(fireDue, Math.max(0, Math.ceil(first.dueMilliseconds - now())))
  }

  function fireDue(): void {
    timerDue = Number.POSITIVE_INFINITY
    const time = now()
    for (let first = heap[0]; first !== undefined && first.dueMilliseconds <= time; first = heap[0]) {
      remove(first)
      first.fire()
    }
    arm()
  }

  return {
    set(delayMilliseconds, fire) {
      const timer = {dueMilliseconds: now() + delayMilliseconds, fire, position: heap.length}
      heap.push(timer)
      rise(timer, timer.position)
      arm()
      return timer
    },
    cancel(timer) {
      if (timer.position >= 0) remove(timer)
    },
    stop() {
      clearTimeout(timer)
      for (const timer of heap) timer.position = -1
      heap.length = 0
    },
  }
}
