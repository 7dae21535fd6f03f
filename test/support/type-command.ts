import {Readable, Writable} from 'node:stream'
import {stripVTControlCharacters} from 'node:util'
import {runCatchUp} from '../../deploy/catch-up/catch-up.ts'
import type {CommandIo} from '../../deploy/cli/command-io.ts'
import {runDeadLetters} from '../../deploy/dead-letters/dead-letters.ts'
import {runReplay} from '../../deploy/dead-letters/replay.ts'
import {runDoctor} from '../../deploy/doctor/doctor.ts'
import {runList} from '../../deploy/list/list.ts'
import {runFaults} from '../../deploy/local/faults.ts'
import {runSandbox} from '../../deploy/local/inspect.ts'
import {runMigrations} from '../../deploy/migrations/migrations.ts'
import {runPublish} from '../../deploy/publish/publish.ts'
import {runRelease} from '../../deploy/release/release.ts'
import {runCancel} from '../../deploy/runs/cancel.ts'
import {runLogs} from '../../deploy/runs/logs.ts'
import {runRuns} from '../../deploy/runs/runs.ts'
import {runPause, runResume} from '../../deploy/schedules/pause.ts'
import {splitArgs} from './words.ts'

const commands: Readonly<Record<string, (argv: string[], io: CommandIo, signal: AbortSignal) => Promise<number>>> = {
  'catch-up': (argv, io, signal) => runCatchUp(argv, io, signal),
  cancel: runCancel,
  'dead-letters': runDeadLetters,
  doctor: runDoctor,
  faults: runFaults,
  sandbox: runSandbox,
  list: runList,
  logs: runLogs,
  migrations: runMigrations,
  publish: runPublish,
  release: runRelease,
  pause: (argv, io, signal) => runPause(argv, io, signal),
  resume: (argv, io, signal) => runResume(argv, io, signal),
  replay: runReplay,
  runs: runRuns,
}

type TypingOptions = {
  readonly sandboxFolder: string
  readonly input?: string
  readonly signal?: AbortSignal
  /** The terminal's width. @default none: a pipe */
  readonly columns?: number
  /** What the shell has besides. */
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Runs one of the operator's commands as a person types it, `npm run <script> -- <words>`, in this process: the whole of
 * it but for the process's own exit.
 *
 * @param options.sandboxFolder where the command finds the sandbox that runs.
 * @param options.input what is piped in. @default nothing
 * @throws what the command throws.
 */
export async function typeCommand(
  line: string,
  options: TypingOptions,
): Promise<{code: number; stdout: string; stderr: string}> {
  const [, script = '', rest = ''] = /^npm run (\S+)(?: -- (.*))?$/.exec(line) ?? []
  const {code, stdout, stderr} = await typeArgs(script, splitArgs(rest), options)
  return {code, stdout: stripVTControlCharacters(stdout), stderr: stripVTControlCharacters(stderr)}
}

/** The same with words as a shell would hand them on, and what is printed as it is. */
export async function typeArgs(
  script: string,
  args: string[],
  options: TypingOptions,
): Promise<{code: number; stdout: string; stderr: string}> {
  const run = commands[script]
  if (run === undefined) throw new Error(`no such command: ${script}`)
  const texts = {stdout: '', stderr: ''}
  const stderr = new Writable({
    write(chunk, _, done) {
      texts.stderr += String(chunk)
      done()
    },
  })
  const io: CommandIo = {
    stdout(text) {
      texts.stdout += `${text}\n`
    },
    stderr(text) {
      texts.stderr += `${text}\n`
    },
    env: {SANDBOX_FOLDER: options.sandboxFolder, ...options.env},
    stdin: Readable.from(options.input === undefined ? [] : [options.input]),
    terminal: Object.assign(stderr, {isTTY: false, columns: 80}),
    columns: options.columns,
  }
  const code = await run(args, io, options.signal ?? new AbortController().signal)
  return {code, ...texts}
}
