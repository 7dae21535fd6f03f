const prefix = 'Deployed since '

/** A schedule's description, which holds when its job was first deployed: a slot from before can't have been missed. */
export function describeDeployedSince(since: Date): string {
  return `${prefix}${since.toISOString()}`
}

/** @returns undefined for any other description. */
export function parseDeployedSince(description: string): Date | undefined {
  const text = description.startsWith(prefix) ? description.slice(prefix.length) : ''
  return /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(text) && !Number.isNaN(Date.parse(text)) ? new Date(text) : undefined
}
