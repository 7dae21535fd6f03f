import {randomUUID} from 'node:crypto'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import type {DeadLetter} from '../dead-letters/dead-letter.ts'
import {discardDeadLetters} from '../dead-letters/discard-dead-letters.ts'
import {findDeadLetters, readDeadLetters} from '../dead-letters/load-dead-letters.ts'
import {type ReplayResult, replayDeadLetters} from '../dead-letters/replay-dead-letter.ts'
import {planReplay} from '../dead-letters/replay-plan.ts'
import type {Session} from '../environment/session.ts'
import {ActionError} from './action-error.ts'
import type {ActionResult, ReplayPreview, ReplayVerdict} from './page/base/wire.ts'

/** What was previewed, by the preview's name; each is acted upon once. */
export type ReplayActions = {
  readonly preview: (ids: readonly string[], isForced: boolean) => Promise<ReplayPreview>
  /** @throws ActionError for a preview that is unknown or was acted upon already. */
  readonly replay: (preview: string) => Promise<ActionResult[]>
  readonly discard: (ids: readonly string[], reason: string) => Promise<ActionResult[]>
}

const maxPreviews = 50

/** Replaying and discarding as the commands do, of what was previewed alone: what arrives in between stays. */
export function createReplayActions(session: Session, requestedBy: string): ReplayActions {
  const {jobs, ledger, queue, signal, now} = session
  const previews = new Map<string, {ids: readonly string[]; isForced: boolean}>()

  const judge = (deadLetter: DeadLetter, history: readonly LedgerEntry[], isForced: boolean): ReplayVerdict => {
    const {id, runId, job} = deadLetter
    const plan = planReplay(deadLetter, {jobs, history, requestedBy, isForced, now: now()})
    const manualCheck =
      deadLetter.kind === 'unknown outcome' ? (jobs.find(({name}) => name === job)?.manualCheck ?? null) : null
    const common = {id, runId: runId ?? null, job: job ?? null, manualCheck}
    if (plan.kind === 'publish')
      return {...common, verdict: 'goes', why: plan.warning ?? `is published to ${plan.topic}`}
    if (plan.kind === 'clear') return {...common, verdict: 'is cleared', why: plan.reason}
    return {...common, verdict: 'stays', why: plan.reason}
  }

  return {
    async preview(ids, isForced) {
      const {deadLetters, missing} = await findDeadLetters(session, ids, signal)
      // One statement for all: each costs at least 10 MB.
      const histories = await ledger.histories([...new Set(deadLetters.flatMap(({runId}) => runId ?? []))])
      const verdicts = deadLetters.map(deadLetter =>
        judge(deadLetter, histories.get(deadLetter.runId ?? '') ?? [], isForced),
      )
      const gone = missing.map(
        (id): ReplayVerdict => ({
          id,
          runId: null,
          job: null,
          manualCheck: null,
          verdict: 'stays',
          why: 'it is not there: replayed or discarded meanwhile, or leased by another command',
        }),
      )
      const preview = randomUUID()
      previews.set(preview, {ids: verdicts.flatMap(({id, verdict}) => (verdict === 'stays' ? [] : [id])), isForced})
      for (const old of [...previews.keys()].slice(0, -maxPreviews)) previews.delete(old)
      return {preview, verdicts: [...verdicts, ...gone]}
    },
    async replay(preview) {
      const planned = previews.get(preview)
      if (planned === undefined)
        throw new ActionError(409, 'this preview was acted upon already, or is too old: preview again')
      // Taken before anything is awaited: the second click of a double click finds nothing.
      previews.delete(preview)
      const {ids, isForced} = planned
      if (ids.length === 0) return []
      return queue.hold(ids, signal, async leased => {
        const deadLetters = await readDeadLetters(session, leased.deadLetters)
        const services = {...session, requestedBy, isForced}
        const results = await replayDeadLetters(services, leased, deadLetters, {signal, onResult: () => undefined})
        const missing = leased.missing.map((id): ActionResult => ({id, state: 'left', text: 'it is no longer there'}))
        return [...results.map(toActionResult), ...missing]
      })
    },
    async discard(ids, reason) {
      return queue.hold(ids, signal, async leased => {
        const deadLetters = await readDeadLetters(session, leased.deadLetters)
        const done: ActionResult[] = []
        await discardDeadLetters(ledger, leased, deadLetters, {
          requestedBy,
          reason,
          now,
          signal,
          onDiscarded: ({id}) => void done.push({id, state: 'done', text: 'discarded, on record in its run'}),
        })
        return [
          ...done,
          ...leased.missing.map((id): ActionResult => ({id, state: 'left', text: 'it is no longer there'})),
        ]
      })
    },
  }
}

function toActionResult(result: ReplayResult): ActionResult {
  const {id} = result.deadLetter
  switch (result.kind) {
    case 'replayed':
      return {id, state: 'done', text: result.warning ?? `published as message ${result.messageId}`}
    case 'cleared':
      return {id, state: 'done', text: `cleared: ${result.reason}`}
    case 'refused':
      return {id, state: 'left', text: result.reason}
    case 'failed':
      return {id, state: 'failed', text: result.reason}
  }
}
