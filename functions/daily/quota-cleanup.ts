import * as z from 'zod'
import {defineJob} from '../../lib/job/job.ts'
import {skipped, succeeded} from '../../lib/job/outcome.ts'
import {plural} from '../../lib/log/plural.ts'

/*
 * Deletes quota records older than the retention period (whole days, UTC), directly in BigQuery. What is deleted is gone
 * for good. Idempotent: a second run finds those days empty.
 */
const args = z.strictObject({
  daysToKeep: z
    .number()
    .int()
    .min(1)
    .max(3650)
    .optional()
    .describe('days before today to keep, 1 to 3650; as the function is configured (DAYS_TO_KEEP, 90) if absent'),
  dryRun: z.boolean().default(false).describe('reports what would be deleted, and deletes nothing'),
})

export default defineJob({
  summary: 'Deletes quota records older than the retention period.',
  context: 'OpenClaw maintaining quota system health',
  schedule: '0 1 * * *',
  missed: 'latest',
  shortcuts: ['quota-cleanup'],
  idempotent: true,
  readOnly: args => args.dryRun,
  args,
  secrets: [],
  writes: ['organizations'],
  async run({args, environment, quotaTable, now, slot}) {
    const daysToKeep = args.daysToKeep ?? environment.daysToKeep
    // A slot that runs late deletes what it would have in time.
    const firstKept = daysBefore(slot ?? now(), daysToKeep)
    const which = `older than ${plural(daysToKeep, 'day')} (before ${firstKept})`
    if (args.dryRun) {
      const deletable = await quotaTable.measureBefore(firstKept)
      if (deletable === undefined) return notBootstrapped()
      const {rows, bytes} = deletable
      return succeeded(
        `dry run: ${plural(rows, 'quota record is', 'quota records are')} ${which}, deleting ${rows === 1 ? 'it' : 'them'} would process ${bytes} bytes`,
        {
          rowsToDelete: rows,
          bytesToProcess: bytes,
        },
      )
    }
    const deleted = await quotaTable.deleteBefore(firstKept)
    if (deleted === undefined) return notBootstrapped()
    if (deleted.rows === undefined) {
      return succeeded(`quota records ${which} deleted; how many is unknown, BigQuery did not say`)
    }
    return succeeded(`${plural(deleted.rows, 'quota record')} ${which} deleted`, {rowsDeleted: deleted.rows})
  },
})

function notBootstrapped() {
  return skipped('organizations.org_usage_quotas does not exist: bootstrap has not run yet')
}

/** In UTC: `2026-08-25`. */
function daysBefore(moment: Date, days: number): string {
  return new Date(moment.getTime() - days * 86_400_000).toISOString().slice(0, 10)
}
