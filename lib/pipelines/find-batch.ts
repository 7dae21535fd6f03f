import timers from 'node:timers/promises'
import type {PipelineBatch, PipelineBatches} from '../bigquery/pipeline-batches.ts'
import {UnavailableError} from '../errors/unavailable-error.ts'
import {toMessageText} from '../log/error-text.ts'
import type {Log} from '../log/log.ts'

type Context = {
  readonly pipelineBatches: Pick<PipelineBatches, 'endedSince'>
  readonly log: Log
  readonly windDown: AbortSignal
  readonly now: () => Date
}

/** The call whose end is looked for. */
export type Call = {
  readonly orgSlug: string | undefined
  readonly date: string
  readonly calledAt: Date
}

type Found =
  | {readonly kind: 'batch'; readonly batch: PipelineBatch}
  | {readonly kind: 'not yet'}
  /** Nothing tells which one it was, or there was none in time. */
  | {readonly kind: 'unknown'; readonly reason: string}

/** The API's call ends after hours at most; its row comes then. */
export const maxWaitMilliseconds = 4 * 3_600_000
const lookMilliseconds = 30_000
/** Clocks of the API, of BigQuery and of this function differ by less. */
const skewMilliseconds = 60_000

/**
 * Looks for the row that the API writes when a call over the pipelines ends, and only looks: the call itself is never sent
 * again. Whether a row is that call's its organization, its date, and its time say: begun no earlier than the call, and
 * ended within it. Two such rows can't be told apart.
 *
 * @returns `not yet` when the job's time is nearly up.
 */
export async function findBatch(context: Context, call: Call): Promise<Found> {
  const {log, windDown, now} = context
  const until = call.calledAt.getTime() + maxWaitMilliseconds
  for (;;) {
    // Asked before the look, so that the last look comes after the last moment.
    const isLast = now().getTime() >= until
    const candidates = await look(context, call)
    const [batch] = candidates
    if (candidates.length > 1) {
      const ids = candidates.map(({batch_run_id}) => batch_run_id).join(', ')
      return {kind: 'unknown', reason: `${candidates.length} runs may be this one: ${ids}`}
    }
    if (batch !== undefined) {
      log.info(`the call ended at ${batch.endedAt.toISOString()}: batch ${batch.batch_run_id}`)
      return {kind: 'batch', batch}
    }
    if (isLast) return {kind: 'unknown', reason: 'the API wrote down no end of it within 4 hours'}
    if (windDown.aborted) return {kind: 'not yet'}
    await timers.setTimeout(lookMilliseconds, undefined, {signal: windDown}).catch(() => undefined)
    if (windDown.aborted) return {kind: 'not yet'}
  }
}

async function look({pipelineBatches, log}: Context, {orgSlug, date, calledAt}: Call): Promise<PipelineBatch[]> {
  const since = new Date(calledAt.getTime() - skewMilliseconds)
  try {
    const batches = await pipelineBatches.endedSince({orgSlug, day: date, since})
    // A row of a run that had begun before is somebody else's, even if it ended only now.
    return (batches ?? []).filter(
      ({startedAt, endedAt}) => startedAt >= since && endedAt.getTime() <= calledAt.getTime() + maxWaitMilliseconds,
    )
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    log.warn(`${toMessageText(error)}; looking again`)
    return []
  }
}
