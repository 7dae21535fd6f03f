import {styleText} from 'node:util'
import {commandNames, type Job} from '../../lib/job/job.ts'
import {findJob, loadCatalogue} from '../catalogue/catalogue.ts'
import {environmentNames, parseEnvironmentName} from '../catalogue/environments.ts'
import {alignRows} from '../cli/align-rows.ts'
import {CancelledError} from '../cli/cancelled-error.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {UsageError} from '../cli/usage-error.ts'
import type {Connection} from '../environment/connect.ts'
import {hasConsent} from '../environment/has-consent.ts'
import {exitCodeOf, formatRunReport} from '../runs/run-report.ts'
import {describeWouldPublish, toWouldPublish} from './dry-run.ts'
import {parseJobArguments} from './job-arguments.ts'
import {describeNoOutcome} from './no-outcome.ts'
import {warnOfMissingWorkspace} from './openclaw-workspace.ts'
import {type PublishOptions, parsePublishOptions} from './publish-options.ts'
import {publishResult} from './publish-result.ts'
import {followPublished, type PlannedRun, planRun, publishRun} from './publish-run.ts'

/** `npm run publish`: publishes a job, waits for its outcome, and exits with it. */
export async function runPublish(argv: readonly string[], io: CommandIo, signal: AbortSignal): Promise<ExitCode> {
  const jobs = await loadCatalogue()
  const options = parsePublishOptions(argv, jobs)
  if ('help' in options) {
    io.stdout(options.help)
    return exitCodes.done
  }
  checkOrder(jobs, options)
  const job = findJob(jobs, options.job)
  const environment = parseEnvironmentName(options.environment, io.env)
  const planned = planRun({job, environment, args: parseJobArguments(job, options.args)})
  if (!options.json) io.stdout(describePlan(planned, io.columns))
  if (job.group === 'manual') await warnOfMissingWorkspace(io, environment)
  if (options.dryRun) {
    const wouldPublish = toWouldPublish(planned)
    if (options.json) io.stdout(JSON.stringify(publishResult({...planned, dryRun: true, wouldPublish})))
    else io.stdout(`\n${describeWouldPublish(wouldPublish, io.columns)}\n\nDry run: nothing was published.`)
    return exitCodes.done
  }
  if (!options.isConfirmed && !(await hasConsent({io, environment, signal}, `Run ${job.name}`))) {
    io.stderr('Nothing was published.')
    return exitCodes.usage
  }
  // Google's clients are most of what a command loads: help and usage errors don't wait for them.
  const {connect} = await import('../environment/connect.ts')
  const connection = await connect(environment, {
    jobs,
    env: io.env,
    warm: job.functionName,
    onNotice: text => io.stderr(styleText('gray', text)),
    signal,
  })
  try {
    if (signal.aborted) throw new CancelledError('Interrupted: nothing was published.')
    if (connection.isTemporary && !options.wait) throw new UsageError(nothingWouldExecuteIt)
    return await publishAndWait(connection, planned, {...options, io, signal})
  } finally {
    await connection.close()
  }
}

/** The Python scripts took the environment first. @throws UsageError */
function checkOrder(jobs: readonly Job[], {job, environment}: PublishOptions): void {
  const isSwapped =
    environmentNames.some(name => name === job) && jobs.some(known => commandNames(known).includes(environment))
  if (isSwapped) throw new UsageError(`the job comes first: npm run publish -- ${environment} ${job}`)
}

const nothingWouldExecuteIt =
  'no sandbox is running, so nothing would execute the job: leave out --no-wait, or start `npm run local` in another terminal first'

function describePlan({job, environment, runId, args}: PlannedRun, columns: number | undefined): string {
  const given = Object.entries(args).map(([key, value]) => `${key}=${Array.isArray(value) ? value.join(',') : value}`)
  return [
    styleText('bold', job.context),
    ...alignRows(
      [
        ['environment', `${environment.name} (${environment.projectId})`],
        ['job', `${job.name}: ${job.summary}`],
        ...(given.length === 0 ? [] : [['arguments', given.join(' ')] as const]),
        ['run', runId],
      ],
      columns,
    ),
  ].join('\n')
}

async function publishAndWait(
  connection: Connection,
  planned: PlannedRun,
  options: PublishOptions & {readonly io: CommandIo; readonly signal: AbortSignal},
): Promise<ExitCode> {
  const {io, json, signal, timeoutSeconds} = options
  const {environment, runId} = planned
  const followIt = `Follow it: npm run runs -- ${environment.name} ${runId} --follow`
  const messageId = await publishRun(connection, planned)
  if (!options.wait) {
    io.stdout(
      json ? JSON.stringify(publishResult({...planned, messageId})) : `Published as message ${messageId}.\n${followIt}`,
    )
    return exitCodes.done
  }
  const following = {timeoutSeconds, isQuiet: json, signal}
  const {progress, totalMilliseconds} = await followPublished(connection, planned, following, io.terminal)
  if (progress.state !== 'over') {
    const about = {
      environmentName: environment.name,
      runId,
      timeoutSeconds,
      seconds: totalMilliseconds / 1000,
      now: new Date(),
      maxAttempts: planned.job.maxAttempts,
      isTemporary: connection.isTemporary,
      isInterrupted: signal.aborted,
    }
    io.stderr(describeNoOutcome(progress, about))
    if (json) io.stdout(JSON.stringify(publishResult({...planned, messageId})))
    return signal.aborted ? exitCodes.interrupted : exitCodes.failed
  }
  const {entry, attempts} = progress
  io.stdout(
    json
      ? JSON.stringify(publishResult({...planned, messageId, entry, attempts, totalMilliseconds}))
      : `\n${formatRunReport(entry, {attempts, totalMilliseconds, environment, logHint: connection.logHint(runId), columns: io.columns})}`,
  )
  return exitCodeOf(entry)
}
