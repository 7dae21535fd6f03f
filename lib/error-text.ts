import {toPrintable} from './printable.ts'

/** An error's stack with those of its causes, as Error Reporting reads them; control characters removed. */
export function toStackText(error: unknown): string {
  const parts: string[] = []
  for (let current: unknown = error; current !== undefined && parts.length < 5; current = causeOf(current)) {
    parts.push(current instanceof Error ? (current.stack ?? `${current.name}: ${current.message}`) : String(current))
  }
  return toPrintable(parts.join('\nCaused by: '), 8_000)
}

/** The message, and the messages of the causes that add something. */
export function toMessageText(error: unknown): string {
  const parts: string[] = []
  for (let current: unknown = error; current !== undefined && parts.length < 5; current = causeOf(current)) {
    const message = current instanceof Error ? current.message : String(current)
    if (!parts.some(part => part.includes(message))) parts.push(message)
  }
  return toPrintable(parts.join(': '))
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined
}
