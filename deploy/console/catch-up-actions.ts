import {catchUpSlots} from '../catch-up/catch-up-slots.ts'
import {findMissedSlots} from '../catch-up/missed-slots.ts'
import type {Session} from '../environment/session.ts'
import type {Schedules} from '../schedules/schedules.ts'
import type {ActionResult} from './page/base/wire.ts'
import type {MissedSlotRow} from './page/base/wire-views.ts'

const maxDays = 31
/** As long as the command waits for each run. */
const timeoutSeconds = 900

/** Missed slots and what catching up does with each, as `npm run catch-up` shows them. */
export function createCatchUp(session: Session, schedules: Schedules, requestedBy: string) {
  const find = () => {
    const now = session.now()
    return findMissedSlots({...session, schedules, from: new Date(now.getTime() - maxDays * 86_400_000), now})
  }
  let running: Promise<ActionResult[]> | undefined

  async function run(runIds: readonly string[]): Promise<ActionResult[]> {
    const slots = (await find()).filter(({runId}) => runIds.includes(runId))
    const results: ActionResult[] = []
    const services = {...session, requestedBy, terminal: session.io.terminal, timeoutSeconds, isQuiet: true}
    for await (const {slot, outcome, text} of catchUpSlots(slots, services)) {
      const state =
        outcome === 'failed' ? 'failed' : outcome === 'under way' || outcome === 'not published' ? 'left' : 'done'
      results.push({id: slot.runId, state, text: `${outcome}${text === '' ? '' : `: ${text}`}`})
    }
    return results
  }

  return {
    preview: async (): Promise<MissedSlotRow[]> =>
      (await find()).map(({job, slot, runId, skipReason}) => ({
        runId,
        job: job.name,
        slot: slot.toISOString(),
        skipReason: skipReason ?? null,
      })),
    /** Just the slots that were previewed; while one catch-up goes on, a second request gets its results. */
    run: (runIds: readonly string[]): Promise<ActionResult[]> => {
      running ??= run(runIds).finally(() => {
        running = undefined
      })
      return running
    },
  }
}
