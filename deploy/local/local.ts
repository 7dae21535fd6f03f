import {relative} from 'node:path'
import {styleText} from 'node:util'
import {Command, CommanderError} from 'commander'
import type {Job} from '../../lib/job/job.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import {createMessagePublisher, type MessagePublisher} from '../../lib/run/message-publisher.ts'
import {createRunIds} from '../../lib/run/run-id.ts'
import {findJob, loadCatalogue} from '../catalogue/catalogue.ts'
import {alignRows} from '../cli/align-rows.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {UsageError} from '../cli/usage-error.ts'
import {makePrivateFolder} from './folder/private-folder.ts'
import {describeHolder, lockSandboxFolder, SandboxInUseError} from './folder/sandbox-lock.ts'
import {type LocalScheduler, startLocalScheduler} from './local-scheduler.ts'
import {localMigrationsFolder, sampleMigrations} from './migrations-folder.ts'
import {readPaused} from './paused-schedules.ts'
import {localProjectId, startSandbox} from './sandbox.ts'
import {emptySandboxFolder} from './sandbox-file.ts'
import {sandboxFolderOf} from './sandbox-folder.ts'

/** `npm run local`: keeps the sandbox up in the foreground until Ctrl-C. */
export async function runLocal(
  argv: readonly string[],
  {stdout, env, terminal}: CommandIo,
  signal: AbortSignal,
): Promise<ExitCode> {
  const options = parseOptions(argv, stdout)
  if (options === undefined) return exitCodes.done
  const folder = sandboxFolderOf(env)
  if (options.reset) return reset(folder, stdout)
  const jobs = await loadCatalogue()
  const wanted = options.now.map(name => findJob(jobs, name))
  const sandbox = await startSandbox({
    folder,
    colors: terminal.isTTY === true && env['NO_COLOR'] === undefined,
    jobs,
    onLine: stdout,
    migrationsFolder: localMigrationsFolder({...env, ...options.env}),
    functionEnv: options.env,
    firesSchedules: options.schedule,
  }).catch((error: unknown) => {
    if (error instanceof SandboxInUseError) throw toUsageError(error)
    throw error
  })
  const {pubSubHost, bigQueryUrl, adminApiUrl, supabaseUrl, migrationsFolder} = sandbox.addresses
  stdout(styleText('bold', 'The sandbox is up. Nothing leaves this machine.'))
  stdout(
    alignRows([
      ['Pub/Sub', `${pubSubHost} (PUBSUB_EMULATOR_HOST=${pubSubHost})`],
      ['BigQuery', bigQueryUrl],
      ['admin API', adminApiUrl],
      ['Supabase', supabaseUrl],
      ['migrations', migrationsFolder === sampleMigrations ? samplesNote : migrationsFolder],
    ]).join('\n'),
  )
  stdout(
    `\nIn another terminal: ${styleText('cyan', 'npm run publish -- bootstrap local')}\nCtrl-C ends it; its state stays.\n`,
  )
  const publisher = createMessagePublisher({projectId: localProjectId, host: pubSubHost})
  const scheduler = options.schedule ? startScheduler(jobs, publisher, {folder, stdout}) : undefined
  for (const job of wanted) {
    const runId = createRunIds(() => new Date())(job.name)
    const attributes = {job: job.name, runId, trigger: 'manual', requestedBy: 'npm run local'}
    await publisher.publish(job.topic, {data: Buffer.from('{}'), attributes})
    stdout(`Fired ${job.name}: run ${runId}`)
  }
  await new Promise(resolve => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', resolve, {once: true})
  })
  stdout('\nStopping…')
  scheduler?.stop()
  await publisher.close()
  await sandbox.stop()
  return exitCodes.done
}

/** The lock is held meanwhile: what a sandbox has open must not be removed under it. */
async function reset(folder: string, stdout: CommandIo['stdout']): Promise<ExitCode> {
  await makePrivateFolder(folder)
  const lock = await lockSandboxFolder(folder, () => new Date()).catch((error: unknown) => {
    if (error instanceof SandboxInUseError) throw toUsageError(error)
    throw error
  })
  await emptySandboxFolder(folder)
  lock.release()
  stdout(`Emptied ${relative(process.cwd(), folder) || '.'}: the next start is the first.`)
  return exitCodes.done
}

function toUsageError({holder}: SandboxInUseError): UsageError {
  return new UsageError(
    `a sandbox is running already (${describeHolder(holder)}): use it, or end it with Ctrl-C where it runs`,
  )
}

function startScheduler(
  jobs: readonly Job[],
  publisher: MessagePublisher,
  {folder, stdout}: {folder: string; stdout: CommandIo['stdout']},
): LocalScheduler {
  const scheduler = startLocalScheduler({
    jobs,
    publisher,
    isPaused: async ({name}) => (await readPaused(folder)).has(name),
    onFire: job => stdout(`Fired ${job.name}, as its schedule says (${job.schedule})`),
    onError: (job, error) => stdout(`${job.name} could not be fired: ${toMessageText(error)}`),
  })
  const rows = scheduler.upcoming().map(({job, at}) => [job.name, `${at.toISOString().slice(0, 16)}Z`] as const)
  stdout(`Next by the clock:\n${alignRows(rows).join('\n')}\n`)
  return scheduler
}

const samplesNote = 'samples of an invented schema; SUPABASE_MIGRATIONS_DIR names your own'

type LocalOptions = {reset: boolean; env: Record<string, string>; schedule: boolean; now: string[]}

function parseOptions(argv: readonly string[], stdout: CommandIo['stdout']): LocalOptions | undefined {
  const command = new Command('npm run local --')
    .description('Keeps the sandbox up: Pub/Sub, the admin API, BigQuery, Supabase and all functions, on this machine.')
    .option('--reset', 'empty the sandbox and end', false)
    .option(
      '--env <NAME=value>',
      'a variable of the functions, for example DAYS_TO_KEEP=30; may be repeated',
      collect,
      {},
    )
    .option('--schedule', 'fire the scheduled jobs by the clock (UTC)', false)
    .option('--now <job>', 'fire a job at once; may be repeated', (name, names: string[]) => [...names, name], [])
    .allowExcessArguments(false)
    .configureOutput({writeOut: text => stdout(text.trimEnd()), writeErr: () => {}})
    .exitOverride()
  try {
    return command.parse([...argv], {from: 'user'}).opts<LocalOptions>()
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.helpDisplayed') return undefined
    throw new UsageError(`${error.message.replace(/^error: /, '')}\n\n${command.helpInformation()}`)
  }
}

function collect(pair: string, known: Record<string, string>): Record<string, string> {
  const at = pair.indexOf('=')
  if (at < 1) throw new UsageError(`--env ${JSON.stringify(pair)} has no value: write --env NAME=value`)
  return {...known, [pair.slice(0, at)]: pair.slice(at + 1)}
}
