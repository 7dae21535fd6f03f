import {styleText} from 'node:util'
import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import type {Job} from '../../lib/job/job.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import {plural} from '../../lib/log/plural.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import {loadCatalogue} from '../catalogue/catalogue.ts'
import {parseEnvironmentName} from '../catalogue/environments.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {hasConsent} from '../environment/has-consent.ts'
import {operatorName} from '../environment/operator-name.ts'
import {openSession, type Session} from '../environment/session.ts'
import {connectSchedules} from './connect-schedules.ts'
import {type PauseVerb, parsePauseOptions} from './pause-options.ts'
import {findPausedSlots, type PausedSlot, skipPausedSlots} from './paused-slots.ts'
import type {ScheduleState, Schedules} from './schedules.ts'

type Result = {readonly job: string; readonly state: ScheduleState; readonly changed: boolean; readonly error?: string}

type Connect = (options: Parameters<typeof connectSchedules>[0]) => Schedules

/** `npm run pause`. Pausing a paused schedule succeeds. */
export const runPause = (argv: readonly string[], io: CommandIo, signal: AbortSignal, connect?: Connect) =>
  changeSchedules('pause', argv, io, signal, connect)

/** `npm run resume`. Resuming a schedule that isn't paused succeeds. */
export const runResume = (argv: readonly string[], io: CommandIo, signal: AbortSignal, connect?: Connect) =>
  changeSchedules('resume', argv, io, signal, connect)

async function changeSchedules(
  verb: PauseVerb,
  argv: readonly string[],
  io: CommandIo,
  signal: AbortSignal,
  connect: Connect = connectSchedules,
): Promise<ExitCode> {
  const all = await loadCatalogue()
  const options = parsePauseOptions(argv, all, verb)
  if ('help' in options) {
    io.stdout(options.help)
    return exitCodes.done
  }
  const {jobs, json} = options
  const environment = parseEnvironmentName(options.environment, io.env)
  const schedules = connect({jobs: all, environment, io, signal})
  const states = await schedules.states()
  const slotsOf = verb === 'resume' ? await readPausedSlots(schedules) : () => []
  const names = jobs.length === 1 ? (jobs[0]?.name ?? '') : plural(jobs.length, 'schedule')
  const action = verb === 'pause' ? `Pause ${names}` : `Resume ${names}`
  if (!options.isConfirmed && !(await hasConsent({io, environment, signal}, action))) {
    io.stderr('Nothing was changed.')
    return exitCodes.usage
  }
  const target: ScheduleState = verb === 'pause' ? 'paused' : 'enabled'
  const results: Result[] = []
  for (const job of jobs) {
    if (signal.aborted) break
    const before = states.get(job.name) ?? 'absent'
    const result = await changeOne(schedules, verb, {job, before, target})
    results.push(result)
    if (!json) io.stdout(formatResult(result, verb))
  }
  const resumed = jobs.filter(({name}) => results.some(({job, changed}) => job === name && changed))
  const slots = slotsOf(resumed)
  const trouble = slots.length === 0 ? undefined : await recordPaused(slots, {environment, io, signal, jobs: all}, json)
  const failed = results.filter(({error}) => error !== undefined).length
  if (json)
    io.stdout(JSON.stringify({environment: environment.name, project: environment.projectId, schedules: results}))
  if (signal.aborted) return exitCodes.interrupted
  if (failed === 0) return trouble === undefined ? exitCodes.done : exitCodes.partial
  return failed === results.length ? exitCodes.failed : exitCodes.partial
}

/** Read before anything is resumed: afterwards nothing says since when a schedule was paused. */
async function readPausedSlots(schedules: Schedules): Promise<(jobs: readonly Job[]) => PausedSlot[]> {
  const [pausedSince, deployedSince] = await Promise.all([schedules.pausedSince(), schedules.deployedSince()])
  return jobs => findPausedSlots(jobs, {pausedSince, deployedSince}, new Date())
}

/** @returns why it could not be recorded; the schedules are resumed anyway. */
async function recordPaused(
  slots: readonly PausedSlot[],
  {environment, ...session}: Pick<Session, 'environment' | 'io' | 'signal' | 'jobs'>,
  isQuiet: boolean,
): Promise<string | undefined> {
  const {io} = session
  const opened = await openSession(environment, {...session, readOnly: true})
  try {
    const skipped = await skipPausedSlots(opened.ledger, slots, {requestedBy: operatorName(), at: new Date()})
    if (!isQuiet && skipped > 0) {
      io.stdout(
        `  ${plural(skipped, 'slot of the pause is', 'slots of the pause are')} recorded as skipped: nothing was missed.`,
      )
    }
    return undefined
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    const reason = toPrintableLine(toMessageText(error), 500)
    io.stderr(`The slots of the pause could not be recorded, so they count as missed: ${reason}`)
    return reason
  } finally {
    await opened.close()
  }
}

async function changeOne(
  schedules: Schedules,
  verb: PauseVerb,
  {job, before, target}: {job: Parameters<Schedules['pause']>[0]; before: ScheduleState; target: ScheduleState},
): Promise<Result> {
  const isThere =
    verb === 'pause' ? before === 'paused' : before !== 'paused' && before !== 'absent' && before !== 'unknown'
  if (isThere) return {job: job.name, state: before, changed: false}
  if (before === 'absent') {
    return {job: job.name, state: before, changed: false, error: 'its trigger is not deployed: npm run deploy makes it'}
  }
  try {
    await schedules[verb](job)
    return {job: job.name, state: target, changed: true}
  } catch (error) {
    return {job: job.name, state: before, changed: false, error: toPrintableLine(toMessageText(error), 500)}
  }
}

function formatResult({job, state, changed, error}: Result, verb: PauseVerb): string {
  if (error !== undefined) return `${styleText('red', '✖')} ${job}: ${error}`
  const done = verb === 'pause' ? 'paused' : 'resumed'
  return `${styleText('green', '✔')} ${job}: ${changed ? done : `nothing to do, it is ${state}`}`
}
