/**
 * Lets so many things happen at a time; the others wait in the order in which they came.
 *
 * @returns does one thing when its turn comes.
 */
export function createLimit(atOnce: number): <T>(act: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async act => {
    if (running >= atOnce) await new Promise<void>(resolve => waiting.push(resolve))
    else running++
    try {
      return await act()
    } finally {
      // The place is handed on, not given back, so that nobody comes in between.
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
