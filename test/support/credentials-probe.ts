import {BigQuery} from '@google-cloud/bigquery'
import * as z from 'zod'
import {defineJob} from '../../lib/job/job.ts'
import {succeeded} from '../../lib/job/outcome.ts'

/*
 * A job for tests: asks BigQuery and Pub/Sub with the credentials of the function, as no sandbox does. It reads, so
 * running it twice does no harm.
 */
export default defineJob({
  summary: "Uses the function's own credentials.",
  context: 'probing credentials',
  shortcuts: [],
  idempotent: true,
  args: z.strictObject({apiEndpoint: z.url()}),
  secrets: [],
  async run({args, environment: {projectId}}) {
    // It goes before the address that is given, and needs no credentials.
    delete process.env['BIGQUERY_EMULATOR_HOST']
    const [rows] = await new BigQuery({projectId, apiEndpoint: args.apiEndpoint}).query('SELECT 1')
    const {PubSub} = await import('@google-cloud/pubsub')
    const token = await new PubSub({projectId}).auth.getAccessToken()
    return succeeded(`${rows.length} rows, and Pub/Sub has ${token === 'from-metadata' ? 'the same' : 'another'} token`)
  },
})
