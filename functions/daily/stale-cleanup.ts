import * as z from 'zod'
import {defineJob} from '../../lib/job/job.ts'
import {failed, succeeded} from '../../lib/job/outcome.ts'

/*
 * The safety net behind the API's self-healing: where a pipeline died without giving back its place, the API sets the
 * organization's counter of concurrent pipelines right. It counts what really runs, so running it twice, or beside
 * itself, does no harm.
 */
export default defineJob({
  summary: 'Sets right the concurrent counters that got stuck.',
  context: 'OpenClaw self-healing concurrent counters',
  schedule: '0 2 * * *',
  missed: 'latest',
  shortcuts: ['stale-cleanup', 'stale'],
  idempotent: true,
  args: z.strictObject({}),
  secrets: ['CA_ROOT_API_KEY'],
  async run({api, log}) {
    const {success, message, orgs_processed, orgs_created, orgs_skipped} = await api.cleanUpStaleCounters()
    log.info(`the API's answer: ${message}`)
    const counts = {orgsProcessed: orgs_processed, orgsFixed: orgs_created, orgsSkipped: orgs_skipped}
    if (!success) return failed(`the API could not clean up stale counters: ${message}`, counts)
    if (orgs_created === 0) {
      const summary = `nothing stale found in ${orgs_processed} organizations: the normal case, the API heals itself`
      return succeeded(summary, counts)
    }
    return succeeded(`stuck counters of ${orgs_created} of ${orgs_processed} organizations fixed`, counts)
  },
})
