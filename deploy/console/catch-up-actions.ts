import {defaultTimeoutSeconds} from '../catch-up/catch-up-options.ts'
import {catchUpSlots} from '../catch-up/catch-up-slots.ts'
import {findMissedSlots, toMissedSlots} from '../catch-up/missed-slots.ts'
import type {Session} from '../environment/session.ts'
import type {Schedules} from '../schedules/schedules.ts'
import {ActionError} from './action-error.ts'
import type {ActionResult, RunRow} from './page/base/wire.ts'
import type {MissedSlotRow} from './page/base/wire-views.ts'

const maxDays = 31

/** Missed slots and what catching up does with each, as `npm run catch-up` shows them. */
export function createCatchUp(session: Session, schedules: Schedules, requestedBy: string) {
  const find = () => {
    const now = session.now()
    return findMissedSlots({...session, schedules, from: new Date(now.getTime() - maxDays * 86_400_000), now})
  }
  let running: {readonly key: string; readonly results: Promise<ActionResult[]>} | undefined

  async function run(runIds: readonly string[]): Promise<ActionResult[]> {
    const slots = (await find()).filter(({runId}) => runIds.includes(runId))
    const results: ActionResult[] = []
    const services = {
      ...session,
      requestedBy,
      terminal: session.io.terminal,
      timeoutSeconds: defaultTimeoutSeconds,
      isQuiet: true,
    }
    for await (const {slot, outcome, text} of catchUpSlots(slots, services)) {
      const state =
        outcome === 'failed' ? 'failed' : outcome === 'under way' || outcome === 'not published' ? 'left' : 'done'
      const said = `${outcome}${text === '' ? '' : `: ${text}`}`
      results.push({id: slot.runId, runId: slot.runId, state, text: said, since: null})
    }
    return results
  }

  return {
    /** From the rows at hand: looking at what was missed asks the ledger nothing. */
    preview: (rows: readonly RunRow[]): MissedSlotRow[] => {
      const now = session.now()
      const since = now.getTime() - maxDays * 86_400_000
      const absent = rows.flatMap(row => (Date.parse(row.at) < since ? [] : [{...row, at: new Date(row.at)}]))
      return toMissedSlots(absent, session.jobs, now).map(({job, slot, runId, skipReason}) => ({
        runId,
        job: job.name,
        slot: slot.toISOString(),
        skipReason: skipReason ?? null,
      }))
    },
    /**
     * Just the slots that were previewed. The same request while it goes on, a double click, gets its results.
     *
     * @throws ActionError while other slots are caught up with.
     */
    run: (runIds: readonly string[]): Promise<ActionResult[]> => {
      const key = runIds.toSorted().join()
      if (running !== undefined && running.key !== key) {
        throw new ActionError(409, 'another catch-up is going on: wait until it has ended')
      }
      running ??= {
        key,
        results: run(runIds).finally(() => {
          running = undefined
        }),
      }
      return running.results
    },
  }
}
