import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import type {DeadLetter} from '../../dead-letters/dead-letter.ts'
import type {DeadLetterRow} from '../page/base/wire.ts'

export function toDeadLetterRow(
  deadLetter: DeadLetter,
  runs: ReadonlyMap<string, readonly LedgerEntry[]>,
): DeadLetterRow {
  const {id, deadLetteredAt, job, runId, kind, reason, attempts, replays} = deadLetter
  const history = runId === undefined ? [] : (runs.get(runId) ?? [])
  return {
    id,
    at: deadLetteredAt.toISOString(),
    job: job ?? null,
    runId: runId ?? null,
    kind,
    reason,
    pattern: toPattern(reason),
    attempts,
    replays,
    version: history.findLast(({error}) => error?.deadLetterId === id)?.version ?? null,
  }
}

/** A reason without what differs from one dead letter to the next: ids, hashes, numbers, moments, quoted names. */
export function toPattern(reason: string): string {
  return reason
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z?/g, '…')
    .replace(/\b[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b/gi, '…')
    .replace(/\b[0-9A-HJKMNP-TV-Z]{26}\b/g, '…')
    .replace(/"[^"]{0,200}"/g, '"…"')
    .replace(/\d+/g, '…')
    .slice(0, 200)
}
