import {LostClaimError} from '../errors/lost-claim-error.ts'
import type {LedgerEntry} from '../ledger/ledger-entry.ts'
import {toMessageText} from '../log/error-text.ts'
import {notExecutedName} from '../run/run-state.ts'
import {type Delivery, type DeliveryServices, toEntry} from './delivery.ts'

/** Claims that were given up and could not be closed in the ledger yet, by run id: the next delivery tries again. */
export type OpenClaims = Map<string, () => Promise<void>>

/**
 * Closes an attempt that was claimed, or may have been, and is given up before `run()`: as failed, nothing executed.
 * Otherwise it would look like an attempt with an unknown outcome.
 *
 * @param options.writer who claimed it; absent where the claim is known to be ours.
 */
export async function giveUp(
  services: DeliveryServices,
  delivery: Delivery,
  options: {
    readonly started: LedgerEntry
    readonly reason: string
    readonly writer?: string
    readonly openClaims: OpenClaims
  },
): Promise<void> {
  const {ledger, now, redact} = services
  const {started, reason, writer, openClaims} = options
  const {runId, attempt} = started
  const close = async () => {
    if (writer !== undefined) {
      const claim = await ledger.claim(started, writer)
      if (claim.kind === 'taken') return
      await claim.written
    }
    const message = `nothing was executed: ${reason}`
    const error = {name: notExecutedName, message, details: [], disposition: 'transient' as const}
    await ledger.record(redact(toEntry(services, delivery, {attempt, event: 'failed', at: now(), error})))
  }
  try {
    await close()
  } catch (error) {
    if (error instanceof LostClaimError) return
    openClaims.set(runId, close)
    delivery.log.warn(`attempt ${attempt} was given up, and the run ledger could not be updated`, {
      reason: toMessageText(error),
    })
  }
}
