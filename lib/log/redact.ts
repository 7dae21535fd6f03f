import {cutMark} from './printable.ts'
import {shortest, toSecretPatterns} from './secret-pattern.ts'

/** Replaces every secret in a text, or in the strings of a JSON-like value, by `[secret NAME]`. */
export type Redact = <T>(value: T) => T

const deepest = 8

/**
 * Builds the redactor for the secrets of one process. Encoded forms are covered too, since a counterpart may echo what it
 * was sent. Values shorter than 6 characters are left alone: they would tear up text that has nothing to do with them.
 *
 * @param secrets values by variable name; absent ones are passed over.
 */
export function createRedact(secrets: Readonly<Record<string, string | undefined>>): Redact {
  const marks = Object.entries(secrets)
    .flatMap(([name, value = '']) => (value.length < shortest ? [] : [{value, mark: `[secret ${name}]`}]))
    // The longest first: a secret may hold another.
    .toSorted((a, b) => b.value.length - a.value.length)
    .map(({value, mark}) => {
      const {mayBeIn, whole, cutBy} = toSecretPatterns(value)
      // Made for the first text that needs them: compiling takes 7 ms of a cold start, and most processes need none.
      return {mark, mayBeIn, whole: once(whole), cut: once(() => cutBy(cutMark))}
    })
  const redactText = (text: string): string => {
    if (text.length < shortest) return text
    const clean = marks.reduce(
      (result, {mayBeIn, whole, mark}) => (mayBeIn(result) ? replaceAll(result, whole(), mark) : result),
      text,
    )
    // Long text is cut before it is redacted, and the cut may have gone through a secret.
    if (!clean.includes(cutMark)) return clean
    return marks.reduce((result, {cut, mark}) => replaceAll(result, cut(), mark + cutMark), clean)
  }

  const redact = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return redactText(value)
    if (value === null || typeof value !== 'object' || value instanceof Date) return value
    // Values below this depth aren't searched, so they aren't shown; a circular value ends here, too.
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

function replaceAll(text: string, patterns: readonly RegExp[], mark: string): string {
  return patterns.reduce((result, pattern) => result.replace(pattern, () => mark), text)
}

function once<T extends object>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
