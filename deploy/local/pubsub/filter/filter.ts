/** What a subscription's filter says, read. See {@link parseFilter} for the text form. */
export type Filter =
  | {readonly kind: 'has'; readonly key: string}
  | {readonly kind: 'equals' | 'differs' | 'prefix'; readonly key: string; readonly value: string}
  | {readonly kind: 'not'; readonly of: Filter}
  | {readonly kind: 'and' | 'or'; readonly of: readonly Filter[]}

/**
 * Whether a message with these attributes is delivered. A missing attribute equals nothing and has no prefix; it differs
 * from every value, as in Google's own test server (google-cloud-go, pstest/filtering.go).
 */
export function isMatch(filter: Filter, attributes: Readonly<Record<string, string>>): boolean {
  switch (filter.kind) {
    case 'has':
      return Object.hasOwn(attributes, filter.key)
    case 'equals':
      return ownValue(attributes, filter.key) === filter.value
    case 'differs':
      return ownValue(attributes, filter.key) !== filter.value
    case 'prefix':
      return ownValue(attributes, filter.key)?.startsWith(filter.value) ?? false
    case 'not':
      return !isMatch(filter.of, attributes)
    case 'and':
      return filter.of.every(part => isMatch(part, attributes))
    case 'or':
      return filter.of.some(part => isMatch(part, attributes))
  }
}

/** Own attributes only: `constructor` is an attribute's name like any other. */
function ownValue(attributes: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(attributes, key) ? attributes[key] : undefined
}
