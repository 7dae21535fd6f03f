import * as z from 'zod'
import {orgSlugPattern} from '../../lib/admin-api/organization-operations.ts'
import {InterruptedError} from '../../lib/errors/interrupted-error.ts'
import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import {defineJob} from '../../lib/job/job.ts'
import type {JobContext} from '../../lib/job/job-context.ts'
import {continued, failed} from '../../lib/job/outcome.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import {runPool, type SlowDown} from '../../lib/organization-sync/adaptive-pool.ts'
import {toSyncOutcome} from '../../lib/organization-sync/outcome.ts'
import {syncOne} from '../../lib/organization-sync/sync-one.ts'
import {createSyncTally, type SyncTask, syncTallySchema} from '../../lib/organization-sync/tally.ts'
import {firstTries, secondTries} from '../../lib/organization-sync/tasks.ts'
import {publishCommand} from '../../lib/run/publish-command.ts'

/*
 * Brings every active organization's dataset to what the deployed API expects, after bootstrap. A sync only ever adds
 * what is missing, so running it twice, or beside itself, does no harm. One organization's failure stops no other: it
 * is tried once more at the end. When its time is nearly up the job goes on as another message, from where it got to.
 */
const args = z.strictObject({
  concurrency: z.number().int().min(1).max(50).default(10).describe('organizations at a time, 1 to 50; 10 if absent'),
  org: z
    .array(z.string().regex(orgSlugPattern, 'must be 3 to 50 of a-z, 0-9 and _'))
    .min(1)
    .max(1000)
    .optional()
    .describe('only this organization; all active ones if absent'),
  continuation: syncTallySchema.optional().describe('set by the job itself, when it goes on as another message'),
})
type Context = JobContext<z.output<typeof args>>

export default defineJob({
  summary: "Brings every active organization's dataset to what the API expects.",
  context: 'OpenClaw syncing all organization datasets',
  shortcuts: ['org-sync-all', 'org-sync'],
  idempotent: true,
  args,
  secrets: ['CA_ROOT_API_KEY'],
  async run(context) {
    const {args, environment, log, part, progress, windDown} = context
    if (args.continuation === undefined) {
      const missing = await whatIsMissing(context)
      if (missing !== undefined) return failed(missing)
    }
    const tally = createSyncTally(args.continuation ?? startOf(args.org))
    const halt = new AbortController()
    const stop = AbortSignal.any([windDown, halt.signal])
    const options = {
      concurrency: args.concurrency,
      stop,
      work: async (task: SyncTask, slowDown: SlowDown) => {
        const obstacle = await syncOne({...context, tally, isNamed: args.org !== undefined}, task, slowDown)
        if (obstacle !== undefined) halt.abort(obstacle)
        progress(tally.progress())
      },
    }
    progress(tally.progress())
    try {
      await runPool(firstTries(context.api, tally), options)
      await runPool(secondTries(tally), options)
    } catch (error) {
      const isForNow = error instanceof UnavailableError || error instanceof InterruptedError
      if (!isForNow || !tally.hasMoved()) throw error
      log.warn(`the list of organizations stopped: ${toMessageText(error)}`)
    }
    if (tally.isComplete()) return toSyncOutcome(tally.state, {projectId: environment.projectId, org: args.org})
    // Another part would be no wiser than this one: the message comes back after a while instead.
    if (!tally.hasMoved()) throw stop.reason
    const {done, failed: failing, total} = tally.progress()
    const summary = `${done} of ${total} organizations done, ${failing} failed so far; the rest goes on as part ${part + 1}`
    return continued(summary, {...args, continuation: tally.state}, tally.progress())
  },
})

function startOf(org: readonly string[] | undefined): z.output<typeof syncTallySchema> {
  if (org === undefined) return syncTallySchema.parse({})
  const named = [...new Set(org)]
  return syncTallySchema.parse({named, total: named.length, isListed: true})
}

/** What has to be done before organizations can be synced. */
async function whatIsMissing({api, environment, log}: Context): Promise<string | undefined> {
  const {status, dataset_exists, message} = await api.bootstrapStatus()
  if (status === 'NOT_BOOTSTRAPPED' || !dataset_exists) {
    const command = publishCommand('bootstrap', environment.projectId)
    return `there is no central dataset yet, so no organization was synced: run bootstrap first: ${command}`
  }
  if (status === 'OUT_OF_SYNC') log.warn(`the central dataset is not in sync, bootstrap has not run: ${message}`)
  return undefined
}
