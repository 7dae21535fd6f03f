/**
 * Cloud Run jobs of the Python scripts that this project replaces, or that were retired; each had a trigger. Nothing
 * else may be removed with them, whatever it is called.
 */
const legacyNames = new Set([
  'cloudact-manual-supabase-migrate',
  'cloudact-manual-bootstrap',
  'cloudact-manual-org-sync-all',
  'cloudact-daily-quota-reset',
  'cloudact-daily-quota-cleanup',
  'cloudact-daily-stale-cleanup',
  'cloudact-daily-pipelines',
  'cloudact-daily-alerts',
  'cloudact-monthly-quota-reset',
  // Their names before that.
  'cloudact-supabase-migrate',
  'cloudact-bootstrap',
  'cloudact-bootstrap-sync',
  'cloudact-manual-bootstrap-sync',
  'cloudact-org-sync-all',
  'cloudact-stale-cleanup',
  'cloudact-15min-stale-cleanup',
  'cloudact-quota-reset-daily',
  'cloudact-quota-cleanup',
  'cloudact-quota-reset-monthly',
  // Retired: subscriptions live in Supabase now.
  'cloudact-billing-sync-retry',
  'cloudact-5min-billing-sync-retry',
  'cloudact-billing-sync-reconcile',
  'cloudact-daily-billing-reconcile',
])

/** Whether a Cloud Run job is one of the old system's. */
export function isLegacyName(name: string): boolean {
  return legacyNames.has(name)
}

/** Whether a Cloud Scheduler job is the trigger of one of those. Source: the old system's names, `<job>-trigger`. */
export function isLegacyTriggerName(name: string): boolean {
  return name.endsWith('-trigger') && legacyNames.has(name.slice(0, -'-trigger'.length))
}

/** Whether something may look like the old system's: it is shown, so that nobody wonders, and left alone. */
export function hasOldPrefix(name: string): boolean {
  return name.startsWith('cloudact-')
}
