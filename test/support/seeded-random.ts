/** Random choices that are the same for the same seed. */
export type SeededRandom = {
  /** From 0 to less than 1. */
  readonly next: () => number
  /** A whole number from 0 to less than `limit`. */
  readonly below: (limit: number) => number
  readonly chance: (probability: number) => boolean
  readonly pick: <const T>(choices: readonly [T, ...T[]]) => T
}

/** Source: mulberry32, by Tommy Ettinger, public domain. */
export function createSeededRandom(seed: number): SeededRandom {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d_2b_79_f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    next,
    below,
    chance: probability => next() < probability,
    pick: choices => choices[below(choices.length)] ?? choices[0],
  }
}
