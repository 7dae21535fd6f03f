import {toStackText, toText} from './error-text.ts'
import {plural} from './plural.ts'

const deepest = 8
const longestArray = 1000

/**
 * What a log line can carry, made of anything: JSON without a big integer, a circle, an Error that shows as `{}`, or a
 * getter that throws.
 */
export function toLogValue(value: unknown, holders: readonly unknown[] = []): unknown {
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') return toText(value)
  if (value === null || typeof value !== 'object') return value
  try {
    if (value instanceof Error) return toStackText(value)
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
    if (ArrayBuffer.isView(value)) return `[${plural(value.byteLength, 'byte')}]`
    if (holders.includes(value)) return '[circular]'
    if (holders.length >= deepest) return '[too deep]'
    const within = [...holders, value]
    if (value instanceof Map || value instanceof Set) return toLogValue([...value], within)
    if (Array.isArray(value)) return value.slice(0, longestArray).map(item => toLogValue(item, within))
    return Object.fromEntries(Object.keys(value).map(key => [key, readValue(value, key, within)]))
  } catch {
    return '[unreadable]'
  }
}

function readValue(holder: object, key: string, holders: readonly unknown[]): unknown {
  try {
    return toLogValue(Reflect.get(holder, key), holders)
  } catch {
    return '[unreadable]'
  }
}
