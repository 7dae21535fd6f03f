import {currentVersion} from '../../lib/environment/version.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {toPrintable} from '../../lib/log/printable.ts'
import type {MissedSlot} from './missed-slots.ts'

/**
 * How the ledger keeps that a missed slot was left out. It is written as the claim of attempt 1, so that a message of
 * that slot which comes after all runs nothing.
 */
export function toSkipEntry(
  {job, runId}: MissedSlot,
  reason: string,
  {requestedBy, at}: {readonly requestedBy: string; readonly at: Date},
): LedgerEntry {
  return {
    runId,
    job: job.name,
    attempt: 1,
    part: 1,
    event: 'skipped',
    at,
    messageId: 'catch-up',
    trigger: 'manual',
    requestedBy,
    args: {},
    summary: toPrintable(`missed, and left out by catch-up: ${reason}`, 4000),
    version: currentVersion(),
  }
}
