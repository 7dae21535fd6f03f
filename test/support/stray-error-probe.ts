import {setTimeout as wait} from 'node:timers/promises'
import * as z from 'zod'
import {defineJob} from '../../lib/job/job.ts'
import {succeeded} from '../../lib/job/outcome.ts'

/*
 * A job for tests: beside it something throws that nobody awaits, as a client's callback may. It changes nothing, so
 * running it twice does no harm.
 */
export default defineJob({
  summary: 'Throws twice where nobody catches it.',
  context: 'probing stray errors',
  shortcuts: [],
  idempotent: true,
  args: z.strictObject({}),
  secrets: [],
  async run() {
    for (const milliseconds of [1, 500]) {
      setTimeout(() => {
        throw new Error(`stray after ${milliseconds} ms`)
      }, milliseconds)
    }
    await wait(800)
    return succeeded('the process lives on')
  },
})
