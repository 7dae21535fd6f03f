import {styleText} from 'node:util'
import type {Job} from '../../lib/job/job.ts'
import {loadCatalogue} from '../catalogue/catalogue.ts'
import {parseEnvironmentName, type TargetEnvironment} from '../catalogue/environments.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import type {Connection} from './connect.ts'
import type {DeadLetterQueue} from './dead-letter-queue.ts'

/** What a command on history and dead letters works with. */
export type Session = Connection & {
  readonly io: CommandIo
  readonly environment: TargetEnvironment
  readonly jobs: readonly Job[]
  readonly queue: DeadLetterQueue
  /** Ctrl-C fires it. */
  readonly signal: AbortSignal
  readonly now: () => Date
}

type SessionCommand<Options> = {
  readonly parse: (argv: readonly string[]) => Options | {help: string}
  /** Puts a job's own name for the one that was typed. @throws UsageError if there is none. */
  readonly resolve?: (options: Options, jobs: readonly Job[]) => Options
  /** Whether a sandbox that is started for it delivers nothing in the meantime. @default always */
  readonly readOnly?: (options: Options) => boolean
  /** Whether a sandbox that ends in the meantime is replaced by one of the command's own. @default true */
  readonly replacesSandbox?: boolean
  /** Its exit code is the command's, unless Ctrl-C ended it. */
  readonly act: (session: Session, options: Options) => Promise<ExitCode>
}

/**
 * Runs a command on history and dead letters: parses its words, connects it to its environment, and disconnects it
 * however it ends. The jobs are loaded once the words are right.
 */
export async function withSession<Options extends {readonly environment: string}>(
  argv: readonly string[],
  {io, signal}: Pick<Session, 'io' | 'signal'>,
  {parse, resolve = given => given, readOnly = () => true, replacesSandbox = true, act}: SessionCommand<Options>,
): Promise<ExitCode> {
  const parsed = parse(argv)
  if ('help' in parsed) {
    io.stdout(parsed.help)
    return exitCodes.done
  }
  const environment = parseEnvironmentName(parsed.environment, io.env)
  const jobs = await loadCatalogue()
  const options = resolve(parsed, jobs)
  const session = await openSession(environment, {io, signal, jobs, readOnly: readOnly(options), replacesSandbox})
  try {
    return await act(session, options)
  } catch (error) {
    if (!signal.aborted) throw error
    io.stderr('Interrupted. No dead letter is lost: what was not done yet is still listed.')
    return exitCodes.interrupted
  } finally {
    await session.close()
  }
}

/** Connects to an environment; `close` ends it. */
export async function openSession(
  environment: TargetEnvironment,
  options: Pick<Session, 'io' | 'signal' | 'jobs'> & {readonly readOnly: boolean; readonly replacesSandbox?: boolean},
): Promise<Session> {
  const {io, signal, jobs, readOnly, replacesSandbox = true} = options
  // Google's clients are most of what a command loads: help and usage errors don't wait for them.
  const [{connect}, {createDeadLetterQueue}] = await Promise.all([
    import('./connect.ts'),
    import('./dead-letter-queue.ts'),
  ])
  const connection = await connect(environment, {
    jobs,
    env: io.env,
    readOnly,
    replacesSandbox,
    onNotice: text => io.stderr(styleText('gray', text)),
    signal,
  })
  const createQueue = (host: string | undefined) =>
    createDeadLetterQueue({
      projectId: environment.projectId,
      host,
      pauseMilliseconds: connection.pace.farMilliseconds / 5,
      random: Math.random,
      onMissing: ids =>
        io.stderr(`${ids.join(', ')}: not there at the moment, maybe in use by another command; trying again…`),
    })
  let current = {host: connection.pubSubHost, queue: createQueue(connection.pubSubHost)}
  // A sandbox that has taken another's place listens elsewhere.
  const queueNow = () => {
    const host = connection.pubSubHost
    if (current.host !== host) current = {host, queue: createQueue(host)}
    return current.queue
  }
  const queue: DeadLetterQueue = {
    peek: (expected, signal) => queueNow().peek(expected, signal),
    hold: (ids, signal, work) => queueNow().hold(ids, signal, work),
  }
  return {...connection, io, environment, jobs, queue, signal, now: () => new Date()}
}
