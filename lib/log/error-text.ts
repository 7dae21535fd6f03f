import {toPrintable} from './printable.ts'

/** An error's stack with those of its causes, as Error Reporting reads them; control characters removed. */
export function toStackText(error: unknown): string {
  const parts = withCauses(error).map(current =>
    current instanceof Error ? toText(current.stack ?? `${current.name}: ${current.message}`) : toText(current),
  )
  return toPrintable(parts.join('\nCaused by: '), 8000)
}

/** The message, and the messages of the causes that add something. */
export function toMessageText(error: unknown): string {
  const parts: string[] = []
  for (const current of withCauses(error)) {
    const message = current instanceof Error ? toText(current.message) : toText(current)
    if (!parts.some(part => part.includes(message))) parts.push(message)
  }
  return toPrintable(parts.join(': '))
}

/** Anything can be thrown, and not everything can be made a text (an object without a prototype). */
export function toText(thrown: unknown): string {
  try {
    return String(thrown)
  } catch {
    return typeof thrown
  }
}

/** The error, its causes and, of several errors in one, its parts, the nearest first. A cause may be its own cause. */
function withCauses(error: unknown, most = 8): unknown[] {
  const found: unknown[] = []
  const queue = [error]
  for (let current = queue.shift(); current !== undefined && found.length < most; current = queue.shift()) {
    if (found.includes(current)) continue
    found.push(current)
    if (current instanceof AggregateError) queue.push(...current.errors)
    if (current instanceof Error && current.cause !== undefined) queue.push(current.cause)
  }
  return found
}
