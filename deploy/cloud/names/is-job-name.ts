/** Whether something has the name of a job that this project has or had: `cloudact-daily-alerts`. */
export function isJobName(name: string): boolean {
  return /^cloudact-(?:daily|monthly|manual)-[a-z0-9-]+$/.test(name)
}
