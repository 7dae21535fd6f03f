/** First in, first out, both in constant time; an array's own `shift` moves everything behind it. */
export type Fifo<T> = {
  readonly push: (item: T) => void
  readonly shift: () => T | undefined
  readonly length: () => number
}

export function createFifo<T>(): Fifo<T> {
  let items: T[] = []
  let head = 0
  return {
    push: item => void items.push(item),
    shift() {
      const item = items[head]
      if (head >= items.length) return undefined
      head += 1
      // Half of it is used up: let go of that half, at a cost that each item bears once.
      if (head > 1024 && head * 2 > items.length) {
        items = items.slice(head)
        head = 0
      }
      return item
    },
    length: () => items.length - head,
  }
}
