import {randomUUID} from 'node:crypto'
import {manualCheckOf} from '../../lib/job/manual-check.ts'
import {discardDeadLetters} from '../dead-letters/discard-dead-letters.ts'
import {findDeadLetters, readDeadLetters} from '../dead-letters/load-dead-letters.ts'
import {missingText} from '../dead-letters/missing-text.ts'
import {type ReplayResult, replayDeadLetters} from '../dead-letters/replay-dead-letter.ts'
import {type ReplayPreview as Previewed, previewReplays} from '../dead-letters/replay-preview.ts'
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
export function createReplayActions(
  session: Pick<Session, 'jobs' | 'ledger' | 'queue' | 'publisher' | 'environment' | 'signal' | 'now'>,
  requestedBy: string,
): ReplayActions {
  const {jobs, ledger, queue, signal, now} = session
  const previews = new Map<string, {seen: ReadonlyMap<string, string | undefined>; isForced: boolean}>()

  const toVerdict = ({deadLetter, verdict, why}: Previewed): ReplayVerdict => {
    const {id, runId, job, kind} = deadLetter
    const declared = kind === 'unknown outcome' ? jobs.find(({name}) => name === job) : undefined
    const manualCheck = (declared && manualCheckOf(declared, session.environment.projectId)) ?? null
    return {id, runId: runId ?? null, job: job ?? null, manualCheck, verdict, why}
  }

  return {
    async preview(ids, isForced) {
      const {deadLetters, missing} = await findDeadLetters(session, ids, signal)
      const found = await previewReplays({...session, requestedBy, isForced}, deadLetters)
      const gone = missing.map(
        (id): ReplayVerdict => ({
          id,
          runId: null,
          job: null,
          manualCheck: null,
          verdict: 'stays',
          why: missingText([id]),
        }),
      )
      const preview = randomUUID()
      const acting = found.filter(({verdict}) => verdict !== 'stays')
      previews.set(preview, {seen: new Map(acting.map(each => [each.deadLetter.id, consentOf(each)])), isForced})
      for (const old of [...previews.keys()].slice(0, -maxPreviews)) previews.delete(old)
      return {preview, verdicts: [...found.map(toVerdict), ...gone]}
    },
    async replay(preview) {
      const planned = previews.get(preview)
      if (planned === undefined)
        throw new ActionError(409, 'this preview was acted upon already, or is too old: preview again')
      // Taken before anything is awaited: the second click of a double click finds nothing.
      previews.delete(preview)
      const {seen, isForced} = planned
      if (seen.size === 0) return []
      return queue.hold([...seen.keys()], signal, async leased => {
        const services = {...session, requestedBy, isForced}
        const deadLetters = await readDeadLetters(session, leased.deadLetters)
        // Only the outcome that the preview showed was checked: one that has become unknown since must be checked, too.
        const changed = isForced
          ? (await previewReplays(services, deadLetters)).flatMap(each =>
              each.plan.kind === 'publish' && consentOf(each) !== seen.get(each.deadLetter.id) ? [each.deadLetter] : [],
            )
          : []
        const unchanged = deadLetters.filter(deadLetter => !changed.includes(deadLetter))
        const results = await replayDeadLetters(services, leased, unchanged, {signal, onResult: () => undefined})
        return [
          ...results.map(toActionResult),
          ...changed.map(({id}) => toLeft(id, 'more has happened since the preview: preview again')),
          ...leased.missing.map(id => toLeft(id, 'it is no longer there')),
        ]
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
          onDiscarded: ({id}) =>
            void done.push({id, runId: null, state: 'done', text: 'discarded, on record in its run', since: null}),
        })
        return [...done, ...leased.missing.map(id => toLeft(id, 'it is no longer there'))]
      })
    },
  }
}

/** The attempt up to which a forced replay accepts that the outcome is unknown, as its message says it. */
function consentOf({plan}: Previewed): string | undefined {
  return plan.kind === 'publish' ? plan.message.attributes['checkedAttempt'] : undefined
}

function toLeft(id: string, text: string): ActionResult {
  return {id, runId: null, state: 'left', text, since: null}
}

function toActionResult(result: ReplayResult): ActionResult {
  const {id, runId = null} = result.deadLetter
  switch (result.kind) {
    case 'replayed': {
      const text = `published as message ${result.messageId}${result.warning === undefined ? '' : `, but ${result.warning}`}`
      return {id, runId: result.runId ?? runId, state: 'done', text, since: result.since.toISOString()}
    }
    case 'cleared':
      return {id, runId, state: 'done', text: `cleared: ${result.reason}`, since: null}
    case 'refused':
      return {id, runId, state: 'left', text: result.reason, since: null}
    case 'failed':
      return {id, runId, state: 'failed', text: result.reason, since: null}
  }
}
