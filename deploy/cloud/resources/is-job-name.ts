/** Whether something bears the name that a job of this project has or had: `cloudact-daily-alerts`. */
export function isJobName(name: string): boolean {
  return /^cloudact-(?:daily|monthly|manual)-[a-z0-9-]+$/.test(name)
}

/** Whether something may be what the Python scripts left behind: `cloudact-…`, and names retired before. */
export function isLegacyName(name: string): boolean {
  return /^(?:cloudact-|(?:.*-)?(?:5min|15min)-|(?:.*-)?billing(?:-|$))/.test(name)
}
