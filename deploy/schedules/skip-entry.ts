import {currentVersion} from '../../lib/environment/version.ts'
import type {Job} from '../../lib/job/job.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {toPrintable} from '../../lib/log/printable.ts'

/**
 * How the ledger keeps that a slot was left out. It is written as the claim of attempt 1, so that a message of that slot
 * which comes after all runs nothing.
 *
 * @param about.command which command left it out; stands where a message's id would.
 */
export function toSkipEntry(
  {job, runId}: {readonly job: Pick<Job, 'name'>; readonly runId: string},
  summary: string,
  about: {readonly requestedBy: string; readonly at: Date; readonly command: 'catch-up' | 'resume'},
): LedgerEntry {
  return {
    runId,
    job: job.name,
    attempt: 1,
    part: 1,
    event: 'skipped',
    at: about.at,
    messageId: about.command,
    trigger: 'manual',
    requestedBy: about.requestedBy,
    args: {},
    summary: toPrintable(summary, 4000),
    version: currentVersion(),
  }
}
