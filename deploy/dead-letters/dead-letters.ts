import {styleText} from 'node:util'
import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {hasConsent} from '../environment/has-consent.ts'
import {operatorName} from '../environment/operator-name.ts'
import {type Session, withSession} from '../environment/session.ts'
import {withJobName} from './dead-letter-filter.ts'
import {toDeadLetterJson, toMessageJson} from './dead-letter-json.ts'
import {formatDeadLetter} from './dead-letter-report.ts'
import {formatDeadLetterTable, formatReasons} from './dead-letter-table.ts'
import {type DeadLettersOptions, parseDeadLettersOptions} from './dead-letters-options.ts'
import {discardDeadLetters} from './discard-dead-letters.ts'
import {findDeadLetters, loadDeadLetters, missingText, readDeadLetters} from './load-dead-letters.ts'
import {planReplay} from './replay-plan.ts'

/** `npm run dead-letters`: looks at what was set aside, and gives it up where a person says so. */
export function runDeadLetters(argv: readonly string[], io: CommandIo, signal: AbortSignal): Promise<ExitCode> {
  const act = (session: Session, options: DeadLettersOptions) => {
    if (options.verb === 'show') return show(session, options)
    return options.verb === 'list' ? list(session, options) : discard(session, options)
  }
  return withSession(
    argv,
    {io, signal},
    {
      parse: parseDeadLettersOptions,
      resolve: (options, jobs) => (options.verb === 'list' ? withJobName(options, jobs) : options),
      act,
    },
  )
}

type List = Extract<DeadLettersOptions, {verb: 'list'}>
type Show = Extract<DeadLettersOptions, {verb: 'show'}>
type Discard = Extract<DeadLettersOptions, {verb: 'discard'}>

async function list(session: Session, {filter, json}: List): Promise<ExitCode> {
  const {io, environment, signal, now} = session
  const {deadLetters, isComplete} = await loadDeadLetters(session, filter, signal)
  const place = `${environment.name} (${environment.projectId})`
  if (json) {
    const {name, projectId} = environment
    const rows = deadLetters.map(deadLetter => toDeadLetterJson(deadLetter, now()))
    io.stdout(JSON.stringify({environment: name, project: projectId, isComplete, deadLetters: rows}))
    return exitCodes.done
  }
  if (deadLetters.length === 0) {
    const which = Object.keys(filter).length === 0 ? 'No dead letters' : 'No such dead letters'
    io.stdout(`${which} in ${place}. One that another command reads at this moment is back within a minute.`)
    return exitCodes.done
  }
  io.stdout(
    [
      styleText('bold', `${deadLetters.length} dead ${deadLetters.length === 1 ? 'letter' : 'letters'} in ${place}`),
      formatReasons(deadLetters),
      '',
      formatDeadLetterTable(deadLetters, now()),
      ...(isComplete ? [] : ['', 'There are more: these are as many as one command reads.']),
      '',
      `More about one: npm run dead-letters -- ${environment.name} show <id>`,
      `Try again:      npm run replay -- ${environment.name} <id…>   (or --all)`,
    ].join('\n'),
  )
  return exitCodes.done
}

async function show(session: Session, {id, json}: Show): Promise<ExitCode> {
  const {io, environment, jobs, ledger, logHint, signal, now} = session
  const {deadLetters, missing} = await findDeadLetters(session, [id], signal)
  const [deadLetter] = deadLetters
  if (deadLetter === undefined) {
    io.stderr(missingText(missing))
    return exitCodes.failed
  }
  const {runId} = deadLetter
  const found = runId === undefined ? [] : await ledger.history(runId).catch(toTrouble)
  const history = found instanceof UnavailableError ? undefined : found
  if (json) {
    io.stdout(
      JSON.stringify({...toDeadLetterJson(deadLetter, now()), ...toMessageJson(deadLetter), history: history ?? null}),
    )
    return exitCodes.done
  }
  const planning = {jobs, requestedBy: operatorName(), isForced: false, now: now()}
  io.stdout(
    formatDeadLetter(deadLetter, {
      job: jobs.find(({name}) => name === deadLetter.job),
      history,
      ...(found instanceof UnavailableError ? {historyTrouble: toMessageText(found)} : {}),
      plan: history === undefined ? undefined : planReplay(deadLetter, {...planning, history}),
      environment,
      logHint: runId === undefined ? undefined : logHint(runId),
      now: now(),
    }),
  )
  return exitCodes.done
}

async function discard(session: Session, {ids, reason, isConfirmed, json}: Discard): Promise<ExitCode> {
  const {io, environment, queue, ledger, signal, now} = session
  if (!isConfirmed && !(await hasConsent(session, `Discard ${ids.join(', ')}`))) {
    io.stderr('Nothing was discarded.')
    return exitCodes.usage
  }
  const discarded: string[] = []
  const missing = await queue.hold(ids, signal, async leased => {
    const deadLetters = await readDeadLetters(session, leased.deadLetters)
    await discardDeadLetters(ledger, leased, deadLetters, {
      requestedBy: operatorName(),
      reason,
      now,
      signal,
      onDiscarded({id, runId, job}) {
        discarded.push(id)
        if (!json) io.stdout(`${id}  ${runId ?? job ?? 'unknown job'}  discarded, on record in the run's history`)
      },
    })
    return leased.missing
  })
  if (missing.length > 0) io.stderr(styleText('yellow', missingText(missing)))
  if (json) io.stdout(JSON.stringify({environment: environment.name, discarded, missing}))
  if (missing.length === 0) return exitCodes.done
  return discarded.length === 0 ? exitCodes.failed : exitCodes.partial
}

/** The ledger that does not answer is no reason to show nothing. */
function toTrouble(error: unknown): UnavailableError {
  if (error instanceof UnavailableError) return error
  throw error
}
