import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import type {DeadLetter} from '../../dead-letters/dead-letter.ts'
import {toReasonPattern} from '../../dead-letters/reason-pattern.ts'
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
    pattern: toReasonPattern(reason),
    attempts,
    replays,
    version: history.findLast(({error}) => error?.deadLetterId === id)?.version ?? null,
  }
}
