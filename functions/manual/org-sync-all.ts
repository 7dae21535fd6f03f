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
import {createPoolWidth} from '../../lib/organization-sync/pool-width.ts'
import {syncOne} from '../../lib/organization-sync/sync-one.ts'
import {isComplete, progressOf, type SyncTask, syncTallySchema} from '../../lib/organization-sync/tally.ts'
import {createTallyStore} from '../../lib/organization-sync/tally-store.ts'
import {firstTries, interruptedTries, secondTries} from '../../lib/organization-sync/tasks.ts'
import {publishCommand} from '../../lib/run/publish-command.ts'

/*
 * Brings every active organization's dataset to what the deployed API expects, after bootstrap. Idempotent: a sync only
 * ever adds what is missing, so it is safe to run twice or concurrently. One organization's failure stops no other: it is
 * tried once more at the end. How many at a time the API is worth is found out while it works. When its time is nearly
 * up the job goes on as another message, from where it got to; nothing is begun that wouldn't end before.
 */
const args = z.strictObject({
  concurrency: z
    .number()
    .int()
    .min(1)
    .max(50)
    .default(10)
    .describe('organizations at a time at most, 1 to 50; 10 if absent'),
  org: z
    .array(z.string().regex(orgSlugPattern, 'must be 3 to 50 of a-z, 0-9 and _'))
    .min(1)
    .max(1000)
    .optional()
    .describe('only this organization; all active ones if absent'),
  continuation: syncTallySchema.optional().describe('set by the job itself, when it goes on as another message'),
})
/** The sync of an organization takes no longer, where no other is in its way. */
const promisedSeconds = 60

/** Cloud Run ends a request after 300 s and the work inside may go on; after twice that nothing is at it any more. */
const quietSeconds = 600
const deployedSeconds = 540

type Context = JobContext<z.output<typeof args>>

export default defineJob({
  summary: "Brings every active organization's dataset to what the API expects.",
  context: 'OpenClaw syncing all organization datasets',
  shortcuts: ['org-sync-all', 'org-sync'],
  idempotent: true,
  args,
  secrets: ['CA_ROOT_API_KEY'],
  async run(context) {
    const {args, api, environment, log, part, now, deadline, progress, windDown} = context
    if (args.continuation === undefined) {
      const missing = await whatIsMissing(context)
      if (missing !== undefined) return failed(missing)
    }
    const start = args.continuation ?? startOf(args.org)
    const tally = createTallyStore(start)
    const width = createPoolWidth({ceiling: args.concurrency, learned: start.width, now})
    // Until calls have shown how long they take; where a whole part is short, a first call is begun all the same.
    const firstSeconds = Math.min(promisedSeconds, (deadline.getTime() - now().getTime()) / 2000)
    const halt = new AbortController()
    const stop = AbortSignal.any([windDown, halt.signal])
    // Where parts are shorter than deployed (tests, the sandbox), so is this.
    const share = Math.min(1, (environment.jobTimeoutSeconds ?? deployedSeconds) / deployedSeconds)
    const quiet = {now, quietMilliseconds: quietSeconds * share * 1000}
    const options = {
      width,
      stop,
      hasTime: () => !(now().getTime() + (width.expectedSeconds() ?? firstSeconds) * 1000 > deadline.getTime()),
      work: async (task: SyncTask, slowDown: SlowDown) => {
        const obstacle = await syncOne({...context, tally, isRequested: args.org !== undefined}, task, slowDown)
        if (obstacle !== undefined) halt.abort(obstacle)
        progress(progressOf(tally.state()))
      },
    }
    progress(progressOf(tally.state()))
    const hasMoved = () => tally.state().tries > start.tries
    let end: 'exhausted' | 'stopped' = 'stopped'
    try {
      end = await runPool(firstTries(api, tally, quiet), options)
      if (end === 'exhausted') end = await runPool(secondTries(tally), options)
      if (end === 'exhausted') end = await runPool(interruptedTries(tally, {...quiet, stop}), options)
      // Those that failed once among the last.
      if (end === 'exhausted') end = await runPool(secondTries(tally), options)
    } catch (error) {
      const isForNow = error instanceof UnavailableError || error instanceof InterruptedError
      if (!isForNow || !hasMoved()) throw error
      log.warn(`the list of organizations stopped: ${toMessageText(error)}`)
    }
    if (isComplete(tally.state()))
      return toSyncOutcome(tally.state(), {projectId: environment.projectId, org: args.org})
    // Another part would be no wiser than this one: the message comes back after a while instead. Having waited for
    // requests that were cut off is different: in the next part they are due.
    if (!hasMoved() && (halt.signal.aborted || tally.state().interrupted.length === 0)) {
      throw stop.reason ?? new InterruptedError('no time was left to begin anything')
    }
    tally.dispatch({type: 'width', width: width.current()})
    const counts = progressOf(tally.state())
    const summary = `${counts['done']} of ${counts['total']} organizations done, ${counts['failed']} failed, up to part ${part}`
    return continued(summary, {...args, continuation: tally.state()}, counts)
  },
})

function startOf(org: readonly string[] | undefined): z.output<typeof syncTallySchema> {
  if (org === undefined) return syncTallySchema.parse({})
  const requested = [...new Set(org)]
  return syncTallySchema.parse({requested, total: requested.length, isListed: true})
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
