import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'

/** An entry of the ledger; what a test does not care about is filled in. */
export function createEntry(given: Partial<Omit<LedgerEntry, 'at'>> & {readonly at?: string} = {}): LedgerEntry {
  const {at = '2026-11-23T08:00:00Z', ...rest} = given
  return {
    runId: 'bootstrap@1',
    job: 'bootstrap',
    attempt: 1,
    part: 1,
    event: 'started',
    messageId: 'm-1',
    trigger: 'manual',
    requestedBy: 'alice@desk',
    args: {},
    version: '1.0.0',
    at: new Date(at),
    ...rest,
  }
}

/** The error of an attempt whose message became a dead letter. */
export function createFinalError(kind: NonNullable<LedgerEntry['error']>['kind'], deadLetterId?: string) {
  return {
    name: 'RejectedError',
    message: 'the API said no',
    details: [],
    disposition: 'permanent' as const,
    kind,
    ...(deadLetterId === undefined ? {} : {deadLetterId}),
  }
}
