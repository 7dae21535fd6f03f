import {claimAndWait} from '../../lib/ledger/claim-and-wait.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import type {CommandIo} from '../cli/command-io.ts'
import type {Connection} from '../environment/connect.ts'
import {publishRun} from '../publish/publish-run.ts'
import {followRun} from '../runs/follow-run.ts'
import {toSkipEntry} from '../schedules/skip-entry.ts'
import type {MissedSlot} from './missed-slots.ts'

/** What became of a slot. `under way`: somebody executes it already, so it was left alone. */
export type CatchUpResult = {
  readonly slot: MissedSlot
  readonly outcome:
    | 'succeeded'
    | 'degraded'
    | 'skipped'
    | 'failed'
    | 'under way'
    /** Published, and still going on when the wait for it ended. */
    | 'not over'
    /** The run before it isn't over. */
    | 'not published'
  readonly text: string
}

export type CatchUpServices = Pick<Connection, 'ledger' | 'ledgerVersion' | 'publisher' | 'pace'> & {
  readonly environment: TargetEnvironment
  readonly terminal: CommandIo['terminal']
  readonly requestedBy: string
  readonly now: () => Date
  readonly signal: AbortSignal
  /** How long to wait for the end of each run. */
  readonly timeoutSeconds: number
  readonly isQuiet: boolean
}

/**
 * Makes up for missed slots in their order, and yields what became of each. A run is waited for before the next is
 * published: Pub/Sub keeps no order. One that isn't over in time holds up the rest of its own job only.
 *
 * @throws UnavailableError if the ledger or Pub/Sub doesn't answer; the slots that were not yielded are still missed,
 *   but for one that was published and not followed to its end.
 */
export async function* catchUpSlots(
  slots: readonly MissedSlot[],
  services: CatchUpServices,
): AsyncGenerator<CatchUpResult, void, undefined> {
  const {ledger, requestedBy, now, signal} = services
  const held = new Set<string>()
  for (const slot of slots) {
    if (signal.aborted) return
    const {job, skipReason} = slot
    if (skipReason !== undefined) {
      const isOurs = await claimAndWait(
        ledger,
        toSkipEntry(slot, `missed, and left out by catch-up: ${skipReason}`, {
          requestedBy,
          at: now(),
          command: 'catch-up',
        }),
      )
      yield isOurs
        ? {slot, outcome: 'skipped', text: skipReason}
        : {slot, outcome: 'under way', text: 'its message came after all'}
      continue
    }
    if (held.has(job.name)) {
      yield {slot, outcome: 'not published', text: 'the run before it is not over: run catch-up again later'}
      continue
    }
    const result = await runSlot(slot, services)
    if (result.outcome === 'not over') held.add(job.name)
    yield result
  }
}

async function runSlot(slot: MissedSlot, services: CatchUpServices): Promise<CatchUpResult> {
  const {environment, requestedBy, terminal, timeoutSeconds, isQuiet} = services
  const {job, runId} = slot
  await publishRun(services, {job, environment, runId, args: {}, requestedBy})
  const progress = await followRun({...services, runId, since: new Date(0), timeoutSeconds, isQuiet}, terminal)
  if (progress.state !== 'over') {
    return {slot, outcome: 'not over', text: `it goes on: npm run runs -- ${environment.name} ${runId}`}
  }
  const {event, summary, error} = progress.entry
  const text = summary ?? error?.message ?? ''
  if (event === 'succeeded' || event === 'degraded' || event === 'skipped') return {slot, outcome: event, text}
  return {slot, outcome: 'failed', text}
}
