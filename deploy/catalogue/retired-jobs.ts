/** Names of jobs that were removed on purpose, and why: a command names the reason instead of the nearest job. */
const retiredJobs: readonly {readonly names: readonly string[]; readonly why: string}[] = [
  {
    names: [
      'billing-sync-retry',
      'billing-retry',
      '5min-billing-sync-retry',
      'billing-sync-reconcile',
      'billing-reconcile',
      'daily-billing-reconcile',
      'reconcile',
    ],
    why: 'subscriptions live in Supabase now, and there is nothing left to sync or reconcile',
  },
]

/** Why there is no such job any more; undefined for a name that never was one. */
export function whyRetired(name: string): string | undefined {
  const short = name.replace(/^cloudact-/, '')
  return retiredJobs.find(({names}) => names.includes(short))?.why
}
