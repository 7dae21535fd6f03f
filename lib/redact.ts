/** Replaces every secret in a text, or in the strings of a JSON-like value, by `[secret NAME]`. */
export type Redact = <T>(value: T) => T

/**
 * Builds the redactor for the secrets of one process. Their base64 and URL-encoded forms are covered too, since a
 * counterpart may echo what it was sent. Values shorter than 6 characters are left alone: they would tear up text
 * that has nothing to do with them.
 *
 * @param secrets values by variable name; absent ones are passed over.
 */
export function createRedact(secrets: Readonly<Record<string, string | undefined>>): Redact {
  const marks = Object.entries(secrets).flatMap(([name, value]) =>
    value === undefined || value.length < 6 ? [] : toForms(value).map(form => [form, `[secret ${name}]`] as const),
  )
  const redactText = (text: string): string =>
    marks.reduce((result, [form, mark]) => (result.includes(form) ? result.replaceAll(form, mark) : result), text)

  const redact = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return redactText(value)
    if (value === null || typeof value !== 'object' || depth > 8 || value instanceof Date) return value
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

function toForms(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '')
  return [...new Set([secret, encodeURIComponent(secret), base64, JSON.stringify(secret).slice(1, -1)])]
}
