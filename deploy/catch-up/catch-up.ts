import {findJob} from '../catalogue/catalogue.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {confirm} from '../cli/confirm.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {UsageError} from '../cli/usage-error.ts'
import {operatorName} from '../environment/operator-name.ts'
import {type Session, withSession} from '../environment/session.ts'
import {connectSchedules} from '../schedules/connect-schedules.ts'
import {type CatchUpOptions, parseCatchUpOptions} from './catch-up-options.ts'
import {formatPlan, formatResult, named, verdictOf} from './catch-up-report.ts'
import {type CatchUpResult, catchUpSlots} from './catch-up-slots.ts'
import {findMissedSlots, type MissedSlot} from './missed-slots.ts'

/** `npm run catch-up`: makes up for scheduled runs that were missed, as each job declares it. */
export function runCatchUp(
  argv: readonly string[],
  io: CommandIo,
  signal: AbortSignal,
  connect: typeof connectSchedules = connectSchedules,
): Promise<ExitCode> {
  return withSession(
    argv,
    {io, signal},
    {
      parse: parseCatchUpOptions,
      resolve: (options, jobs) => ({...options, jobs: options.jobs.map(name => nameOfScheduled(name, jobs))}),
      readOnly: ({dryRun}) => dryRun,
      act: (session, options) => catchUp(session, options, connect),
    },
  )
}

function nameOfScheduled(name: string, jobs: Session['jobs']): string {
  const job = findJob(jobs, name)
  if (job.schedule === undefined) throw new UsageError(`${job.name} has no schedule, so it misses nothing`)
  return job.name
}

async function catchUp(session: Session, options: CatchUpOptions, connect: typeof connectSchedules): Promise<ExitCode> {
  const {io, environment, signal} = session
  const now = session.now()
  const from = new Date(now.getTime() - options.sinceSeconds * 1000)
  const wanted = session.jobs.filter(({name}) => options.jobs.length === 0 || options.jobs.includes(name))
  const slots = await findMissedSlots({...session, jobs: wanted, schedules: connect(session), from, now})
  const toJson = (results: readonly CatchUpResult[]) =>
    JSON.stringify({
      environment: environment.name,
      project: environment.projectId,
      since: from,
      dryRun: options.dryRun,
      slots: slots.map(slot => slotToJson(slot, results)),
    })
  if (slots.length === 0) {
    const since = `since ${from.toISOString().slice(0, 16)}Z`
    io.stdout(options.json ? toJson([]) : `Nothing was missed in ${named(environment)} ${since}.`)
    return exitCodes.done
  }
  const show = options.json ? io.stderr : io.stdout
  if (!options.json || !options.isConfirmed) show(formatPlan(slots, environment, io.terminal.columns || 80))
  if (options.dryRun) {
    io.stdout(options.json ? toJson([]) : 'Dry run: nothing was published or recorded.')
    return exitCodes.done
  }
  if (!options.isConfirmed && !(await mayGoOn(session))) {
    io.stderr('Nothing was published or recorded.')
    return exitCodes.usage
  }
  const results: CatchUpResult[] = []
  const services = {...session, ...options, terminal: io.terminal, requestedBy: operatorName(), isQuiet: options.json}
  for await (const result of catchUpSlots(slots, {...services, environment})) {
    results.push(result)
    if (!options.json) io.stdout(formatResult(result))
  }
  if (options.json) io.stdout(toJson(results))
  if (!signal.aborted) return exitCodeOf(results)
  io.stderr("Interrupted. What wasn't done is still missed: run catch-up again. What was published goes on.")
  return exitCodes.interrupted
}

function mayGoOn({io, environment, signal}: Session): Promise<boolean> {
  return confirm(`Do this in ${named(environment)}?`, {
    input: io.stdin,
    output: io.terminal,
    isTerminal: io.stdin.isTTY === true,
    signal,
  })
}

function exitCodeOf(results: readonly CatchUpResult[]): ExitCode {
  const verdicts = results.filter(({slot}) => slot.skipReason === undefined).map(({outcome}) => verdictOf(outcome))
  if (verdicts.every(verdict => verdict === 'good')) return exitCodes.done
  return verdicts.every(verdict => verdict === 'bad') ? exitCodes.failed : exitCodes.partial
}

function slotToJson(missed: MissedSlot, results: readonly CatchUpResult[]): Record<string, unknown> {
  const {job, slot, runId, skipReason} = missed
  const result = results.find(result => result.slot === missed)
  return {
    job: job.name,
    slot,
    runId,
    action: skipReason === undefined ? 'run' : 'skip',
    reason: skipReason ?? null,
    outcome: result?.outcome ?? null,
    text: result?.text ?? null,
  }
}
