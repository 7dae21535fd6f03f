import {styleText} from 'node:util'
import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {hasConsent} from '../environment/has-consent.ts'
import {operatorName} from '../environment/operator-name.ts'
import {type Operation, operate} from '../environment/session.ts'
import {type DeadLettersOptions, parseDeadLettersOptions} from './dead-letters-options.ts'
import {discardLetters} from './discard-letters.ts'
import {withJobName} from './letter-filter.ts'
import {toLetterJson, toMessageJson} from './letter-json.ts'
import {formatLetter} from './letter-report.ts'
import {formatLetterTable, formatReasons} from './letter-table.ts'
import {findLetters, loadLetters, missingText, readLetters} from './load-letters.ts'
import {planReplay} from './replay-plan.ts'

/** `npm run dead-letters`: looks at what was set aside, and gives it up where a person says so. */
export function runDeadLetters(argv: readonly string[], io: CommandIo, signal: AbortSignal): Promise<ExitCode> {
  const act = (operation: Operation, options: DeadLettersOptions) => {
    if (options.verb === 'show') return show(operation, options)
    return options.verb === 'list' ? list(operation, options) : discard(operation, options)
  }
  return operate(
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

async function list(operation: Operation, {filter, json}: List): Promise<ExitCode> {
  const {io, environment, signal, now} = operation
  const {letters, isComplete} = await loadLetters(operation, filter, signal)
  const place = `${environment.name} (${environment.projectId})`
  if (json) {
    const {name, projectId} = environment
    const rows = letters.map(letter => toLetterJson(letter, now()))
    io.print(JSON.stringify({environment: name, project: projectId, isComplete, deadLetters: rows}))
    return exitCodes.done
  }
  if (letters.length === 0) {
    const which = Object.keys(filter).length === 0 ? 'No dead letters' : 'No such dead letters'
    io.print(`${which} in ${place}. One that another command reads at this moment is back within a minute.`)
    return exitCodes.done
  }
  io.print(
    [
      styleText('bold', `${letters.length} dead ${letters.length === 1 ? 'letter' : 'letters'} in ${place}`),
      formatReasons(letters),
      '',
      formatLetterTable(letters, now()),
      ...(isComplete ? [] : ['', 'There are more: these are as many as one command reads.']),
      '',
      `More about one: npm run dead-letters -- ${environment.name} show <id>`,
      `Try again:      npm run replay -- ${environment.name} <id…>   (or --all)`,
    ].join('\n'),
  )
  return exitCodes.done
}

async function show(operation: Operation, {id, json}: Show): Promise<ExitCode> {
  const {io, environment, jobs, ledger, logHint, signal, now} = operation
  const {letters, missing} = await findLetters(operation, [id], signal)
  const [letter] = letters
  if (letter === undefined) {
    io.tell(missingText(missing))
    return exitCodes.failed
  }
  const {runId} = letter
  const found = runId === undefined ? [] : await ledger.history(runId).catch(toTrouble)
  const history = found instanceof UnavailableError ? undefined : found
  if (json) {
    io.print(JSON.stringify({...toLetterJson(letter, now()), ...toMessageJson(letter), history: history ?? null}))
    return exitCodes.done
  }
  const planning = {jobs, requestedBy: operatorName(), isForced: false, now: now()}
  io.print(
    formatLetter(letter, {
      job: jobs.find(({name}) => name === letter.job),
      history,
      ...(found instanceof UnavailableError ? {historyTrouble: toMessageText(found)} : {}),
      plan: history === undefined ? undefined : planReplay(letter, {...planning, history}),
      environment,
      logHint: runId === undefined ? undefined : logHint(runId),
      now: now(),
    }),
  )
  return exitCodes.done
}

async function discard(operation: Operation, {ids, reason, isConfirmed, json}: Discard): Promise<ExitCode> {
  const {io, environment, box, ledger, signal, now} = operation
  if (!isConfirmed && !(await hasConsent(operation, `Discard ${ids.join(', ')}`))) {
    io.tell('Nothing was discarded.')
    return exitCodes.usage
  }
  const discarded: string[] = []
  const missing = await box.hold(ids, signal, async held => {
    const letters = await readLetters(operation, held.letters)
    await discardLetters(ledger, held, letters, {
      requestedBy: operatorName(),
      reason,
      now,
      signal,
      onDiscarded({id, runId, job}) {
        discarded.push(id)
        if (!json) io.print(`${id}  ${runId ?? job ?? 'unknown job'}  discarded, on record in the run's history`)
      },
    })
    return held.missing
  })
  if (missing.length > 0) io.tell(styleText('yellow', missingText(missing)))
  if (json) io.print(JSON.stringify({environment: environment.name, discarded, missing}))
  if (missing.length === 0) return exitCodes.done
  return discarded.length === 0 ? exitCodes.failed : exitCodes.partial
}

/** The ledger that does not answer is no reason to show nothing. */
function toTrouble(error: unknown): UnavailableError {
  if (error instanceof UnavailableError) return error
  throw error
}
