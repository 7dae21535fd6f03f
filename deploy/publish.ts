import {hostname, userInfo} from 'node:os'
import {styleText} from 'node:util'
import type {Job} from '../lib/job.ts'
import {createRunIds} from '../lib/run-id.ts'
import {findJob, loadCatalogue} from './catalogue.ts'
import {runCommand} from './command.ts'
import {confirm} from './confirm.ts'
import {type Connection, connect} from './connect.ts'
import {parseEnvironmentName, type TargetEnvironment} from './environments.ts'
import {type ExitCode, exitCodes} from './exit-codes.ts'
import {parseJobArguments} from './job-arguments.ts'
import {createLiveLine, describeProgress} from './live-line.ts'
import {missingWorkspaceFiles} from './openclaw-workspace.ts'
import {type PublishOptions, parsePublishOptions} from './publish-options.ts'
import {publishResult} from './publish-result.ts'
import type {RunProgress} from './run-progress.ts'
import {alignRows, exitCodeOf, formatRunReport} from './run-report.ts'
import {waitForRun} from './wait-for-run.ts'

/** What is about to be published. */
type Planned = {
  readonly job: Job
  readonly environment: TargetEnvironment
  readonly runId: string
  readonly args: Readonly<Record<string, unknown>>
  readonly requestedBy: string
}

/** Standard output is for the result; everything on the way goes to standard error. */
const print = (text: string) => void process.stdout.write(`${text}\n`)
const tell = (text: string) => void process.stderr.write(`${text}\n`)

await runCommand(async (argv, signal) => {
  const jobs = await loadCatalogue()
  const request = parsePublishOptions(argv, jobs)
  if ('help' in request) {
    print(request.help)
    return exitCodes.done
  }
  const {options} = request
  const planned = plan(options, jobs)
  if (!options.json) print(describePlan(planned))
  // The sandbox is for everybody, also where there is no operator's agent.
  if (planned.job.group === 'manual' && planned.environment.name !== 'local') {
    for (const line of await missingWorkspaceFiles(userInfo().homedir)) tell(styleText('yellow', `warning: ${line}`))
  }
  if (options.dryRun) {
    print(options.json ? JSON.stringify(publishResult({...planned, dryRun: true})) : 'Dry run: nothing was published.')
    return exitCodes.done
  }
  if (!(await isConfirmed(options, planned, signal))) {
    tell('Nothing was published.')
    return exitCodes.usage
  }
  const connection = await connect(planned.environment, {
    jobs,
    warm: planned.job.functionName,
    onStart: () => tell(styleText('gray', 'Starting the sandbox for this run (`npm run local` keeps it up)…')),
  })
  try {
    return await publishAndWait(connection, planned, options, signal)
  } finally {
    await connection.close()
  }
})

function plan(options: PublishOptions, jobs: readonly Job[]): Planned {
  const job = findJob(jobs, options.job)
  const environment = parseEnvironmentName(options.environment, process.env)
  const args = parseJobArguments(job, options.args)
  const runId = createRunIds(() => new Date())(job.name)
  return {job, environment, runId, args, requestedBy: `${userInfo().username}@${hostname()}`}
}

function describePlan({job, environment, runId, args}: Planned): string {
  const given = Object.entries(args).map(([key, value]) => `${key}=${Array.isArray(value) ? value.join(',') : value}`)
  return [
    styleText('bold', job.context),
    ...alignRows([
      ['environment', `${environment.name} (${environment.projectId})`],
      ['job', `${job.name}: ${job.summary}`],
      ...(given.length === 0 ? [] : [['arguments', given.join(' ')] as const]),
      ['run', runId],
    ]),
  ].join('\n')
}

async function isConfirmed(
  options: PublishOptions,
  {job, environment}: Planned,
  signal: AbortSignal,
): Promise<boolean> {
  if (!environment.needsConfirmation || options.isConfirmed) return true
  const {stdin, stderr} = process
  const question = `Run ${job.name} in ${environment.name} (${environment.projectId})?`
  return confirm(question, {input: stdin, output: stderr, isTerminal: stdin.isTTY === true, signal})
}

async function publishAndWait(
  connection: Connection,
  planned: Planned,
  options: PublishOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  const {job, runId, args, requestedBy, environment} = planned
  const publishedAt = new Date()
  const messageId = await connection.publisher.publish(job.topic, {
    data: Buffer.from(JSON.stringify(args)),
    attributes: {job: job.name, runId, trigger: 'manual', requestedBy},
  })
  if (!options.wait) {
    print(
      options.json
        ? JSON.stringify(publishResult({...planned, messageId}))
        : `Published as message ${messageId}.\n${lookAgain(planned)}`,
    )
    return exitCodes.done
  }
  const live = createLiveLine(process.stderr)
  const seconds = () => (Date.now() - publishedAt.getTime()) / 1_000
  let progress: RunProgress = {state: 'waiting'}
  const show = () => void (options.json || live.show(describeProgress(progress, seconds())))
  const ticker = setInterval(show, 1_000)
  const timeout = AbortSignal.timeout(options.timeoutSeconds * 1_000)
  try {
    progress = await waitForRun({
      ledger: connection.ledger,
      runId,
      publishedAt,
      pollMilliseconds: connection.pollMilliseconds,
      signal: AbortSignal.any([signal, timeout]),
      onProgress(now) {
        progress = now
        show()
      },
      onTrouble: error => live.show(`the run ledger does not answer, still trying: ${error.message}`),
    })
  } finally {
    clearInterval(ticker)
    live.clear()
  }
  if (progress.state !== 'over') {
    tell(
      signal.aborted
        ? 'Interrupted.'
        : `No outcome within ${options.timeoutSeconds} s: ${describeProgress(progress, seconds())}.`,
    )
    tell(
      connection.isTemporary
        ? 'The sandbox stops with this command; the run goes on when it is started again.'
        : 'The run goes on.',
    )
    tell(lookAgain(planned))
    if (options.json) print(JSON.stringify(publishResult({...planned, messageId})))
    return signal.aborted ? exitCodes.interrupted : exitCodes.failed
  }
  const {entry, attempts} = progress
  const totalMilliseconds = Math.max(0, entry.at.getTime() - publishedAt.getTime())
  print(
    options.json
      ? JSON.stringify(publishResult({...planned, messageId, entry, attempts, totalMilliseconds}))
      : `\n${formatRunReport(entry, {attempts, totalMilliseconds, environment, logHint: connection.logHint(runId)})}`,
  )
  return exitCodeOf(entry)
}

function lookAgain({environment, runId}: Planned): string {
  return `Look again: npm run runs -- ${environment.name} ${runId}`
}
