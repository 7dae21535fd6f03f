import * as z from 'zod'
import {defineJob} from '../../lib/job/job.ts'
import {failed, succeeded} from '../../lib/job/outcome.ts'
import {plural} from '../../lib/log/plural.ts'

/*
 * The safety net behind the API's self-healing: where a pipeline died without giving back its place, the API corrects
 * the organization's counter of concurrent pipelines, and marks runs older than 30 minutes as failed. Idempotent: it
 * counts what really runs, so it is safe to run twice or concurrently.
 */
export default defineJob({
  summary: 'Fixes stuck concurrency counters.',
  context: 'OpenClaw self-healing concurrent counters',
  schedule: '0 2 * * *',
  missed: 'latest',
  shortcuts: ['stale-cleanup', 'stale'],
  idempotent: true,
  args: z.strictObject({}),
  secrets: ['CA_ROOT_API_KEY'],
  async run({api, log}) {
    const {success, message, orgs_processed} = await api.cleanUpStaleCounters()
    log.info(`the API's answer: ${message}`)
    // The API counts only what it fixed, in two of its fields.
    const counts = {orgsFixed: orgs_processed}
    if (!success) return failed(`the API could not clean up stale counters: ${message}`, counts)
    if (orgs_processed === 0) return succeeded('no stale counters found: the normal case, the API heals itself', counts)
    return succeeded(`stuck counters of ${plural(orgs_processed, 'organization')} fixed`, counts)
  },
})
