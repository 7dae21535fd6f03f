import {toPrintable} from './printable.ts'

/** An error's stack with those of its causes, as Error Reporting reads them; control characters removed. */
export function toStackText(error: unknown): string {
  const parts = withCauses(error).map(current =>
    current instanceof Error ? (current.stack ?? `${current.name}: ${current.message}`) : toText(current),
  )
  return toPrintable(parts.join('\nCaused by: '), 8000)
}

/** The message, and the messages of the causes that add something. */
export function toMessageText(error: unknown): string {
  const parts: string[] = []
  for (const current of withCauses(error)) {
    const message = current instanceof Error ? current.message : toText(current)
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

/** The error and its causes, five at most: a cause may be its own cause. */
function withCauses(error: unknown): unknown[] {
  const chain: unknown[] = []
  for (let current = error; current !== undefined && chain.length < 5; ) {
    chain.push(current)
    current = current instanceof Error ? current.cause : undefined
  }
  return chain
}
