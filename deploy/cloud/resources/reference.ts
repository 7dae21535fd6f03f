/**
 * What Google calls a thing, which is not known before it exists: a function's address, a channel's resource name.
 */
export type Reference = {
  /** The thing's id. */
  readonly ref: string
  /** Follows it: a path. */
  readonly suffix?: string
}

/** An address that isn't known yet is shown as what it refers to. */
export function resolveReference(value: string | Reference, addresses: ReadonlyMap<string, string>): string {
  if (typeof value === 'string') return value
  return `${addresses.get(value.ref) ?? `(address of ${value.ref})`}${value.suffix ?? ''}`
}
