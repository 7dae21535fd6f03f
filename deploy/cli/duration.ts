import {InvalidArgumentError} from '@commander-js/extra-typings'

const secondsOf = {s: 1, m: 60, h: 3600, d: 86_400} as const

/**
 * A span of time as it is written on the command line: `90s`, `15m`, `2h`, `7d`.
 *
 * @returns seconds, at most 400 days: the run ledger remembers no longer.
 * @throws InvalidArgumentError, which commander words as a message.
 */
export function parseDuration(text: string): number {
  const [, digits, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const factor = unit === 's' || unit === 'm' || unit === 'h' || unit === 'd' ? secondsOf[unit] : 0
  const seconds = Number(digits) * factor
  if (!(seconds >= 1 && seconds <= 400 * secondsOf.d)) {
    throw new InvalidArgumentError('write a number and s, m, h or d, at most 400 days: 90s, 15m, 2h, 7d.')
  }
  return seconds
}

/** Seconds as `parseDuration` takes them, in the largest unit that divides them: `90s`, `15m`, `1h`. */
export function toDurationArgument(seconds: number): string {
  const [unit = 's', factor = 1] = Object.entries(secondsOf).findLast(([, size]) => seconds % size === 0) ?? []
  return `${seconds / factor}${unit}`
}

/** How long ago, in the one unit that matters: `42 s`, `5 min`, `3 h`, `2 d`. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < secondsOf.h) return `${Math.floor(seconds / 60)} min`
  if (seconds < 2 * secondsOf.d) return `${Math.floor(seconds / secondsOf.h)} h`
  return `${Math.floor(seconds / secondsOf.d)} d`
}

/** How long something took: `0.9 s`, `3 min 12 s`, `2 h 5 min`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds / 1000)
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : formatAge(milliseconds)
}
