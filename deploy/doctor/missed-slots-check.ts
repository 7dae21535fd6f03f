import type {Job} from '../../lib/job/job.ts'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'
import {findMissedSlots} from '../catch-up/missed-slots.ts'
import type {Schedules} from '../schedules/schedules.ts'
import type {Check} from './check-result.ts'

/** As far back as `catch-up` goes by itself. */
const days = 7

/** Scheduled runs that were missed and not made up for yet. */
export function missedSlotsCheck(options: {
  readonly jobs: readonly Job[]
  readonly ledger: Pick<RunLedger, 'since' | 'beginning'>
  readonly schedules: Schedules
  readonly env: string
  readonly now: () => Date
}): Check {
  const what = 'missed slots'
  return {
    what,
    async look() {
      const now = options.now()
      const slots = await findMissedSlots({...options, from: new Date(now.getTime() - days * 86_400_000), now})
      if (slots.length === 0) return [{what, state: 'ok', detail: `none in ${days} days`}]
      const byJob = [...Map.groupBy(slots, ({job}) => job.name)].map(([name, missed]) => `${name} (${missed.length})`)
      const fix = `npm run catch-up -- ${options.env}`
      return [{what, state: 'notice', detail: `in ${days} days: ${byJob.join(', ')}`, fix}]
    },
  }
}
