import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import {browserHint} from '../cli/browser-hint.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {operatorName} from '../environment/operator-name.ts'
import type {Session} from '../environment/session.ts'
import type {DeadLetter} from './dead-letter.ts'
import {toDeadLetterJson, toMessageJson} from './dead-letter-json.ts'
import {formatDeadLetter} from './dead-letter-report.ts'
import type {DeadLettersOptions} from './dead-letters-options.ts'
import {findDeadLetters, toTrouble} from './load-dead-letters.ts'
import {missingText, unknownIdsText} from './missing-text.ts'
import {planReplay, type ReplayPlan} from './replay-plan.ts'

/** One dead letter with its run's history; undefined where the ledger doesn't answer. */
export type DeadLetterDetail = {
  readonly deadLetter: DeadLetter
  readonly history: readonly LedgerEntry[] | undefined
  readonly historyTrouble?: string
}

/** `npm run dead-letters -- <env> show <id>`. */
export async function show(
  session: Session,
  {id, json}: Extract<DeadLettersOptions, {verb: 'show'}>,
): Promise<ExitCode> {
  const {io, environment, jobs, logHint, now} = session
  const detail = await findDeadLetter(session, id)
  if (detail === undefined) {
    if (json) io.stdout(JSON.stringify({environment: environment.name, error: unknownIdsText([id], environment.name)}))
    io.stderr(unknownIdsText([id], environment.name))
    return exitCodes.failed
  }
  const {deadLetter, history} = detail
  if (json) {
    io.stdout(JSON.stringify(detailToJson(detail, now())))
    return exitCodes.done
  }
  const planning = {jobs, environment, requestedBy: operatorName(), isForced: false, now: now()}
  io.stdout(
    formatDeadLetter(deadLetter, {
      ...detail,
      job: jobs.find(({name}) => name === deadLetter.job),
      plan: planOf(deadLetter, history, planning),
      environment,
      logHint: deadLetter.runId === undefined ? undefined : logHint(deadLetter.runId),
      now: now(),
      columns: io.columns,
    }),
  )
  io.stdout(browserHint(environment.name, `/dead-letters?ids=${deadLetter.id}`, io.columns))
  return exitCodes.done
}

function planOf(
  deadLetter: DeadLetter,
  history: readonly LedgerEntry[] | undefined,
  planning: Omit<Parameters<typeof planReplay>[1], 'history'>,
): ReplayPlan | undefined {
  if (!deadLetter.isAvailable) return {kind: 'refuse', reason: missingText([deadLetter.id]), isForceable: false}
  return history === undefined ? undefined : planReplay(deadLetter, {...planning, history})
}

/** @throws UnavailableError if Pub/Sub doesn't answer. */
export async function findDeadLetter(
  session: Pick<Session, 'queue' | 'ledger' | 'jobs' | 'now' | 'signal'>,
  id: string,
): Promise<DeadLetterDetail | undefined> {
  const {deadLetters} = await findDeadLetters(session, [id], session.signal)
  const [deadLetter] = deadLetters
  if (deadLetter === undefined) return undefined
  const {runId} = deadLetter
  const found = runId === undefined ? [] : await session.ledger.history(runId).catch(toTrouble)
  if (!(found instanceof UnavailableError)) return {deadLetter, history: found}
  return {deadLetter, history: undefined, historyTrouble: toMessageText(found)}
}

/** What `show --json` prints. */
export function detailToJson({deadLetter, history}: DeadLetterDetail, now: Date): Record<string, unknown> {
  return {...toDeadLetterJson(deadLetter, now), ...toMessageJson(deadLetter), history: history ?? null}
}
