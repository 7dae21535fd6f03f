import {styleText} from 'node:util'
import {jobOfRunId} from '../../lib/job/run-id.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {wrapLines} from '../cli/wrap-lines.ts'
import {hasConsent} from '../environment/has-consent.ts'
import {operatorName} from '../environment/operator-name.ts'
import type {Session} from '../environment/session.ts'
import type {DeadLetter} from './dead-letter.ts'
import {formatDeadLetterTable} from './dead-letter-table.ts'
import type {DeadLettersOptions} from './dead-letters-options.ts'
import {discardDeadLetters} from './discard-dead-letters.ts'
import {findDeadLetters, loadDeadLetters, readDeadLetters} from './load-dead-letters.ts'
import {missingText, unknownIdsText} from './missing-text.ts'

type Options = Extract<DeadLettersOptions, {verb: 'discard'}>

/** What became of dead letters that were to be discarded, by id. */
export type Discarded = {readonly discarded: readonly string[]; readonly missing: readonly string[]}

/** `npm run dead-letters -- <env> discard`. */
export async function discard(session: Session, options: Options): Promise<ExitCode> {
  const {io, environment, now} = session
  const {json, reason} = options
  const chosen = await choose(session, options)
  if (options.dryRun) {
    if (json) io.stdout(JSON.stringify(previewToJson(chosen, environment)))
    else {
      const lines = chosen.deadLetters.map(deadLetter => wrapLines(describe(deadLetter), io.columns))
      io.stdout([...lines, 'Dry run: nothing was discarded.'].join('\n'))
    }
    if (chosen.missing.length > 0) io.stderr(styleText('yellow', describeMissing(chosen.missing, options)))
    return chosen.missing.length > 0 ? exitCodes.failed : exitCodes.done
  }
  const ids = [...chosen.deadLetters.map(({id}) => id), ...chosen.missing]
  if (ids.length === 0 && !json) io.stdout('No dead letter matches: nothing to discard.')
  if (ids.length > 0 && !options.isConfirmed) {
    if (environment.needsConfirmation && options.ids.length === 0)
      io.stderr(formatDeadLetterTable(chosen.deadLetters, now(), io.columns))
    const named = options.ids.length > 0 ? ids.join(', ') : `these ${ids.length}`
    if (!(await hasConsent(session, `Discard ${named}`))) {
      io.stderr('Nothing was discarded.')
      return exitCodes.usage
    }
  }
  const done = await discardByIds(session, ids, {
    reason,
    isAbsentToo: options.isAbsentToo,
    onDiscarded({id, runId, job}) {
      if (!json) io.stdout(`${id}  ${runId ?? job ?? 'unknown job'}  discarded, on record in the run's history`)
    },
  })
  const {discarded, missing} = done
  if (missing.length > 0) io.stderr(styleText('yellow', describeMissing(missing, options)))
  if (json) io.stdout(JSON.stringify({environment: environment.name, ...done}))
  if (missing.length === 0) return exitCodes.done
  return discarded.length === 0 ? exitCodes.failed : exitCodes.partial
}

/**
 * Discards dead letters by id: each is recorded in its run's history, then acknowledged.
 *
 * @param options.isAbsentToo also those that Pub/Sub doesn't hand out. Another command may hold them, and be replaying
 * them: only an operator knows that they were taken out by hand.
 * @throws UnavailableError if one could not be recorded or acknowledged; it is still listed then.
 */
export async function discardByIds(
  session: Pick<Session, 'queue' | 'ledger' | 'jobs' | 'signal' | 'now'>,
  ids: readonly string[],
  options: {
    readonly reason: string
    readonly isAbsentToo?: boolean
    readonly onDiscarded?: (deadLetter: DeadLetter) => void
  },
): Promise<Discarded> {
  const {queue, ledger, signal, now} = session
  const discarded: string[] = []
  if (ids.length === 0) return {discarded, missing: []}
  const missing = await queue.hold(ids, signal, async leased => {
    const isAbsentWanted = options.isAbsentToo === true && leased.missing.length > 0
    const absent = isAbsentWanted ? (await findDeadLetters(session, leased.missing, signal)).deadLetters : []
    const deadLetters = [...(await readDeadLetters(session, leased.deadLetters)), ...absent.filter(isAbsent)]
    await discardDeadLetters(ledger, leased, deadLetters, {
      requestedBy: operatorName(),
      reason: options.reason,
      now,
      signal,
      onDiscarded(deadLetter) {
        discarded.push(deadLetter.id)
        options.onDiscarded?.(deadLetter)
      },
    })
    return leased.missing.filter(id => !discarded.includes(id))
  })
  return {discarded, missing}
}

function isAvailable(deadLetter: DeadLetter): boolean {
  return deadLetter.isAvailable
}

/** One that comes back is listed again. */
function isAbsent({isAvailable}: DeadLetter): boolean {
  return !isAvailable
}

function describeMissing(missing: readonly string[], {ids, isAbsentToo, environment}: Options): string {
  const text = ids.length > 0 ? unknownIdsText(missing, environment) : missingText(missing)
  const areRuns = missing.every(id => jobOfRunId(id) !== undefined)
  if (isAbsentToo || areRuns) return text
  return `${text}; if it was taken out by hand, and no other command runs, discard it with --absent`
}

async function choose(
  session: Session,
  {ids, filter, limit, dryRun, isAbsentToo}: Options,
): Promise<{deadLetters: readonly DeadLetter[]; missing: readonly string[]}> {
  if (ids.length > 0 && !dryRun) return {deadLetters: [], missing: ids}
  const found =
    ids.length > 0
      ? await findDeadLetters(session, ids, session.signal)
      : {deadLetters: (await loadDeadLetters(session, filter, session.signal)).deadLetters.slice(0, limit), missing: []}
  if (isAbsentToo) return found
  const absent = found.deadLetters.filter(isAbsent).map(({id}) => id)
  return {deadLetters: found.deadLetters.filter(isAvailable), missing: [...found.missing, ...absent]}
}

function describe({id, runId, job, kind, reason}: DeadLetter): string {
  return `${id}  ${runId ?? job ?? 'unknown job'}  would be discarded (${kind}: ${toPrintableLine(reason, 1500)})`
}

function previewToJson(
  {deadLetters, missing}: {deadLetters: readonly DeadLetter[]; missing: readonly string[]},
  {name}: TargetEnvironment,
): Record<string, unknown> {
  const rows = deadLetters.map(({id, job, runId, kind, reason}) => ({
    deadLetter: id,
    job: job ?? null,
    runId: runId ?? null,
    kind,
    reason,
  }))
  return {environment: name, dryRun: true, wouldDiscard: rows, missing}
}
