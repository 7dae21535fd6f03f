import {styleText} from 'node:util'
import type {Job} from '../lib/job.ts'
import {loadCatalogue} from './catalogue.ts'
import type {CommandIo} from './command-io.ts'
import {type Connection, connect} from './connect.ts'
import {createDeadLetterBox, type DeadLetterBox} from './dead-letter-box.ts'
import {parseEnvironmentName, type TargetEnvironment} from './environments.ts'
import {type ExitCode, exitCodes} from './exit-codes.ts'
import {sandboxFolderOf} from './sandbox-folder.ts'

/** What a command on history and dead letters works with. */
export type Operation = Connection & {
  readonly io: CommandIo
  readonly environment: TargetEnvironment
  readonly jobs: readonly Job[]
  readonly box: DeadLetterBox
  /** Ctrl-C fires it. */
  readonly signal: AbortSignal
  readonly now: () => Date
}

/**
 * Runs a command on history and dead letters: parses its words, connects it to its environment, and disconnects it
 * however it ends.
 *
 * @param isLooking whether nothing is to be delivered meanwhile. @default always
 * @param act its exit code is the command's, unless Ctrl-C ended it.
 */
export async function operate<Options extends {readonly environment: string}>(
  argv: readonly string[],
  {io, signal}: Pick<Operation, 'io' | 'signal'>,
  parse: (argv: readonly string[], jobs: readonly Job[]) => Options | {help: string},
  act: (operation: Operation, options: Options) => Promise<ExitCode>,
  isLooking: (options: Options) => boolean = () => true,
): Promise<ExitCode> {
  const jobs = await loadCatalogue()
  const options = parse(argv, jobs)
  if ('help' in options) {
    io.print(options.help)
    return exitCodes.done
  }
  const environment = parseEnvironmentName(options.environment, io.variables)
  const connection = await connect(environment, {
    jobs,
    folder: sandboxFolderOf(io.variables),
    isLooking: isLooking(options),
    onStart: () => io.tell(styleText('gray', 'Starting the sandbox for this command (`npm run local` keeps it up)…')),
  })
  const box = createDeadLetterBox({
    projectId: environment.projectId,
    host: connection.pubSubHost,
    pauseMilliseconds: connection.pollMilliseconds / 2,
    random: Math.random,
    onMissing: ids =>
      io.tell(`${ids.join(', ')}: not there at the moment, maybe in use by another command; trying again…`),
  })
  try {
    return await act({...connection, io, environment, jobs, box, signal, now: () => new Date()}, options)
  } catch (error) {
    if (!signal.aborted) throw error
    io.tell('Interrupted. No dead letter is lost: what was not done yet is still listed.')
    return exitCodes.interrupted
  } finally {
    await box.close()
    await connection.close()
  }
}
