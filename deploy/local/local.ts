import {relative} from 'node:path'
import {styleText} from 'node:util'
import type {Job} from '../../lib/job/job.ts'
import {createRunIds} from '../../lib/job/run-id.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import {plural} from '../../lib/log/plural.ts'
import {createMessagePublisher, type MessagePublisher} from '../../lib/run/message-publisher.ts'
import {findJob, loadCatalogue} from '../catalogue/catalogue.ts'
import {alignRows} from '../cli/align-rows.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {UsageError} from '../cli/usage-error.ts'
import {clientLines} from './client-lines.ts'
import {parseFaultSpec} from './control/fault-spec.ts'
import {makePrivateFolder} from './folder/private-folder.ts'
import {describeHolder, lockSandboxFolder, SandboxInUseError} from './folder/sandbox-lock.ts'
import {parseLocalOptions} from './local-options.ts'
import {type LocalScheduler, startLocalScheduler} from './local-scheduler.ts'
import {localMigrationsFolder, sampleMigrations} from './migrations-folder.ts'
import {readPaused} from './paused-schedules.ts'
import {localProjectId, type Sandbox, startSandbox} from './sandbox.ts'
import {emptySandboxFolder} from './sandbox-file.ts'
import {sandboxFolderOf} from './sandbox-folder.ts'

/** Serves the sandbox's console; given by what knows it, since the console stands above the sandbox. */
type ServeConsole = (
  io: CommandIo,
  signal: AbortSignal,
) => Promise<{readonly url: string; readonly stop: () => Promise<void>}>

/** `npm run local`: keeps the sandbox up in the foreground until Ctrl-C. */
export async function runLocal(
  argv: readonly string[],
  io: CommandIo,
  signal: AbortSignal,
  serveConsole?: ServeConsole,
): Promise<ExitCode> {
  const {stdout, env, terminal} = io
  const options = parseLocalOptions(argv)
  if ('help' in options) {
    stdout(options.help)
    return exitCodes.done
  }
  const folder = sandboxFolderOf(env)
  if (options.reset) return reset(folder, stdout)
  const jobs = await loadCatalogue()
  const wanted = options.now.map(name => findJob(jobs, name))
  const faults = options.fault.map(text => parseFaultSpec(text, jobs))
  const sandbox = await startSandbox({
    folder,
    colors: terminal.isTTY === true && env['NO_COLOR'] === undefined,
    jobs,
    onLine: stdout,
    migrationsFolder: localMigrationsFolder({...env, ...options.env}),
    functionEnv: options.env,
    firesSchedules: options.schedule,
    ...(options.organizations === undefined ? {} : {organizations: options.organizations}),
    ...(options.latency === undefined ? {} : {adminApi: {latencyMilliseconds: options.latency}}),
  }).catch((error: unknown) => {
    if (error instanceof SandboxInUseError) throw toUsageError(error)
    throw error
  })
  for (const fault of faults) sandbox.faults.add(fault)
  const {pubSubHost} = sandbox.addresses
  const page = await serveConsole?.(io, signal)
  if (page !== undefined) stdout(`${styleText('bold', 'Console')}  ${page.url}`)
  stdout(
    `${styleText('bold', `The sandbox is up. ${whatLeaves(options.env)}`)}\n${describeSandbox(sandbox, options.env)}`,
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
  await page?.stop()
  await sandbox.stop()
  return exitCodes.done
}

/** Holds the lock: what a sandbox has open must not be removed under it. */
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

/** The functions may have been given an API or a Supabase of one's own. */
function whatLeaves({API_SERVICE_URL: api, SUPABASE_API_URL: supabase}: Readonly<Record<string, string>>): string {
  const called = [api && `the API at ${api}`, supabase && `Supabase at ${supabase}`].filter(Boolean)
  return called.length === 0
    ? 'Nothing leaves this machine.'
    : `Its functions call ${called.join(' and ')}, as --env says.`
}

function describeSandbox({addresses, adminApi, faults}: Sandbox, given: Readonly<Record<string, string>>): string {
  const {pubSubHost, bigQueryUrl, adminApiUrl, supabaseUrl, migrationsFolder} = addresses
  const waiting = faults.list().map(({fault}) => fault)
  const names = Object.keys(given)
  const count = adminApi.organizations.count('ACTIVE')
  return [
    ...alignRows([
      ['Pub/Sub', `http://${pubSubHost}`],
      ['BigQuery', bigQueryUrl],
      ['admin API', given['API_SERVICE_URL'] ?? `${adminApiUrl}, ${plural(count, 'active organization')}`],
      ['Supabase', given['SUPABASE_API_URL'] ?? supabaseUrl],
      ['migrations', migrationsFolder === sampleMigrations ? samplesNote : migrationsFolder],
      ...(names.length === 0 ? [] : [['by --env', names.join(', ')] as const]),
      ...(waiting.length === 0 ? [] : [['faults', waiting.join(' ')] as const]),
    ]),
    '\nPublish to it by hand, ready to copy:',
    ...clientLines(pubSubHost),
    `\nIn another terminal: ${styleText('cyan', 'npm run publish -- bootstrap local')}`,
    'What it received and did: npm run sandbox -- requests. Ctrl-C ends it; its state stays.\n',
  ].join('\n')
}

const samplesNote = 'samples of an invented schema; SUPABASE_MIGRATIONS_DIR names your own'
