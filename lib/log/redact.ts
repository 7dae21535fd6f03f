import {cutMark} from './printable.ts'

/** Replaces every secret in a text, or in the strings of a JSON-like value, by `[secret NAME]`. */
export type Redact = <T>(value: T) => T

const shortest = 6
const deepest = 8

/**
 * Builds the redactor for the secrets of one process. Their base64 and URL-encoded forms are covered too, since a
 * counterpart may echo what it was sent. Values shorter than 6 characters are left alone: they would tear up text
 * that has nothing to do with them.
 *
 * @param secrets values by variable name; absent ones are passed over.
 */
export function createRedact(secrets: Readonly<Record<string, string | undefined>>): Redact {
  const marks = Object.entries(secrets)
    .flatMap(([name, value]) =>
      value === undefined || value.length < shortest
        ? []
        : toForms(value).map(form => [form, `[secret ${name}]`] as const),
    )
    // The longest first: a secret may hold another.
    .toSorted(([a], [b]) => b.length - a.length)
  const redactText = (text: string): string => {
    const clean = marks.reduce(
      (result, [form, mark]) => (result.includes(form) ? result.replaceAll(form, mark) : result),
      text,
    )
    return clean.includes(cutMark)
      ? marks.reduce((result, [form, mark]) => hideStart(result, form, mark), clean)
      : clean
  }

  const redact = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return redactText(value)
    if (value === null || typeof value !== 'object' || value instanceof Date) return value
    // Below this nobody looks for secrets, so nothing from below is shown; a value that holds itself ends here, too.
    if (depth > deepest) return '[too deep]'
    if (Array.isArray(value)) return value.map(item => redact(item, depth + 1))
    // Symbol keys matter: winston keeps the level under one.
    const copy: Record<string | symbol, unknown> = {}
    for (const key of Reflect.ownKeys(value)) {
      copy[typeof key === 'string' ? redactText(key) : key] = redact(Reflect.get(value, key), depth + 1)
    }
    return copy
  }
  return <T>(value: T) => (marks.length === 0 ? value : (redact(value, 0) as T))
}

/** Long text is cut before it is redacted, and the cut may have gone through a secret. */
function hideStart(text: string, form: string, mark: string): string {
  for (let length = form.length - 1; length >= shortest; length -= 1) {
    const start = form.slice(0, length) + cutMark
    if (text.includes(start)) return text.replaceAll(start, mark + cutMark)
  }
  return text
}

function toForms(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '')
  return [...new Set([secret, encodeURIComponent(secret), base64, JSON.stringify(secret).slice(1, -1)])]
}
