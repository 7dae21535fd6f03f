import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import {summarizeRun} from '../runs/run-summary.ts'
import {ActionError} from './action-error.ts'
import type {ApiOptions} from './api.ts'
import type {LedgerRow, RunDetail} from './page/base/wire.ts'
import {toBars} from './views/run-bars.ts'
import {toRunRow} from './views/run-row.ts'

/** One run with its whole history, as `npm run runs -- <env> <run id>` shows it. */
export async function toRunDetail(
  {session, cache, environment}: Pick<ApiOptions, 'session' | 'cache' | 'environment'>,
  runId: string,
): Promise<RunDetail> {
  const history = await cache.history(runId)
  const now = session.now()
  const summary = summarizeRun(history, now)
  if (summary === undefined) {
    throw new ActionError(
      404,
      `the run ledger has nothing of ${toPrintableLine(runId, 200)}: it did not start, was never published, or runs unrecorded: npm run logs -- ${environment.name} ${toPrintableLine(runId, 200)}`,
    )
  }
  const {name} = environment
  return {
    run: {...toRunRow(summary, history), bars: toBars(history, now)},
    args: JSON.stringify(history[0]?.args ?? {}, undefined, 2),
    history: history.map(toLedgerRow),
    logHint: session.logHint(runId),
    commands: [
      `npm run runs -- ${name} ${runId}`,
      `npm run logs -- ${name} ${runId}`,
      ...(summary.deadLetterId === undefined ? [] : [`npm run replay -- ${name} ${summary.deadLetterId}`]),
    ],
  }
}

function toLedgerRow(entry: LedgerEntry): LedgerRow {
  const {event, at, attempt, part, trigger, requestedBy, summary, error, counts, durationMilliseconds, version} = entry
  return {
    event,
    at: at.toISOString(),
    attempt,
    part,
    trigger,
    requestedBy,
    summary: summary ?? null,
    error:
      error === undefined
        ? null
        : {name: error.name, message: error.message, details: error.details, kind: error.kind ?? null},
    counts: counts ?? null,
    durationMilliseconds: durationMilliseconds ?? null,
    version,
    requestId: entry.requestId ?? null,
  }
}
