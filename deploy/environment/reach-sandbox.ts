import {setTimeout as wait} from 'node:timers/promises'
import type {Job} from '../../lib/job/job.ts'
import {plural} from '../../lib/log/plural.ts'
import {CancelledError} from '../cli/cancelled-error.ts'
import {UsageError} from '../cli/usage-error.ts'
import {attachToSandbox} from '../local/control/client.ts'
import {describeHolder, SandboxInUseError} from '../local/folder/sandbox-lock.ts'
import {localMigrationsFolder, sampleMigrations} from '../local/migrations-folder.ts'
import {readSandboxFile, type SandboxAddresses} from '../local/sandbox-file.ts'
import {sandboxFolderOf} from '../local/sandbox-folder.ts'

export type ReachOptions = {
  readonly jobs: readonly Job[]
  /** The operator's shell: it says where the sandbox's folder is, and its migrations. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The function that a message is about to wait for. */
  readonly warm?: string
  /** For a command that only reads: a sandbox of its own delivers nothing while it runs. */
  readonly readOnly?: boolean
  /**
   * Whether a sandbox that ends while the command works is replaced by one of its own. A command that runs for hours
   * must not: after `npm run local` was ended, it couldn't be started again beside the replacement.
   *
   * @default true
   */
  readonly replacesSandbox?: boolean
  /** Told in a sentence what the command waits for. */
  readonly onNotice?: (text: string) => void
  /** Ctrl-C: a sandbox of one's own then stops, even if others use it. */
  readonly signal?: AbortSignal
}

/** A sandbox that this command may use: another process's, or one of its own. */
export type ReachedSandbox = {
  readonly addresses: SandboxAddresses
  readonly isOwn: boolean
  /** Resolves when it has ended; never for one's own. */
  readonly ended: Promise<void>
  /** Lets go of it. One's own stops when no other command uses it any more. */
  readonly leave: () => Promise<void>
}

/** A sandbox starts in a few seconds; one that holds the folder for longer without answering is stuck. */
const maxStartMilliseconds = 60_000
const pollMilliseconds = 100

/**
 * Finds the sandbox of a folder, or starts one. Of many commands that start at once, one gets the folder, and the others
 * use its sandbox.
 *
 * @throws UsageError where the running one applies other migrations; Error where its process doesn't answer.
 */
export async function reachSandbox(options: ReachOptions): Promise<ReachedSandbox> {
  const {env, onNotice, signal} = options
  const folder = sandboxFolderOf(env)
  const startedAt = performance.now()
  let waitsFor: string | undefined
  for (;;) {
    const running = await findSandbox(options)
    if (running !== undefined) return running
    try {
      return await startOwn(folder, options)
    } catch (error) {
      if (!(error instanceof SandboxInUseError)) throw error
      const holder = describeHolder(error.holder)
      if (performance.now() - startedAt > maxStartMilliseconds) {
        throw new Error(`${error.message}, which doesn't answer: end it, then try again`, {cause: error})
      }
      if (waitsFor === undefined) onNotice?.(`The sandbox is being started or stopped by ${holder}: waiting for it…`)
      waitsFor ??= holder
      await wait(pollMilliseconds)
      if (signal?.aborted === true) throw new CancelledError('Interrupted: nothing was done.')
    }
  }
}

/**
 * Finds the sandbox of a folder that another process keeps up.
 *
 * @returns undefined if there is none.
 * @throws UsageError where it applies other migrations.
 */
export async function findSandbox({env, readOnly = false}: ReachOptions): Promise<ReachedSandbox | undefined> {
  const running = await readSandboxFile(sandboxFolderOf(env))
  const attachment = running && (await attachToSandbox(running, {wantsDelivery: !readOnly}))
  if (running === undefined || attachment === undefined) return undefined
  requireSameMigrations(running, env)
  const {ended, detach} = attachment
  return {addresses: running, isOwn: false, ended, leave: async () => detach()}
}

function requireSameMigrations(running: SandboxAddresses, env: ReachOptions['env']): void {
  const wanted = localMigrationsFolder(env)
  if (wanted === sampleMigrations || wanted === running.migrationsFolder) return
  throw new UsageError(
    `the running sandbox applies the migrations of ${running.migrationsFolder}, not of SUPABASE_MIGRATIONS_DIR: end it with Ctrl-C where it runs, and start it again with that variable set`,
  )
}

async function startOwn(folder: string, options: ReachOptions): Promise<ReachedSandbox> {
  const {jobs, env, warm, onNotice, signal, readOnly = false} = options
  const {startSandbox} = await import('../local/sandbox.ts')
  const sandbox = await startSandbox({
    folder,
    jobs,
    migrationsFolder: localMigrationsFolder(env),
    onLocked: () => onNotice?.('Starting the sandbox for this command (`npm run local` keeps it up)…'),
    isTemporary: true,
    pausesDelivery: readOnly,
    ...(warm === undefined ? {} : {warm}),
  })
  return {
    addresses: sandbox.addresses,
    isOwn: true,
    ended: new Promise(() => {}),
    async leave() {
      const others = sandbox.control.clients()
      if (others > 0 && signal?.aborted !== true) {
        const commands = plural(others, 'other command uses', 'other commands use')
        onNotice?.(`${commands} this sandbox: it stops when they are done (Ctrl-C stops it now)…`)
        const aborted = new Promise(resolve => signal?.addEventListener('abort', resolve, {once: true}))
        await Promise.race([sandbox.control.unused(), aborted])
      }
      await sandbox.stop()
    },
  }
}
