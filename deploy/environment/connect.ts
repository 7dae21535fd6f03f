import {join} from 'node:path'
import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import type {Job} from '../../lib/job/job.ts'
import {createRunLedger, type RunLedger} from '../../lib/ledger/run-ledger.ts'
import {createMessagePublisher, type MessagePublisher} from '../../lib/run/message-publisher.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import {UsageError} from '../cli/usage-error.ts'
import {localMigrationsFolder, sampleMigrations} from '../local/migrations-folder.ts'
import {findRunningSandbox} from '../local/sandbox-file.ts'
import {sandboxFolderOf} from '../local/sandbox-folder.ts'
import {checkCredentials} from './check-credentials.ts'

/** What a command needs of an environment. */
export type Connection = {
  readonly ledger: RunLedger
  readonly publisher: MessagePublisher
  /** Pub/Sub on this machine; undefined: Google's. */
  readonly pubSubHost: string | undefined
  /** How often it is polite to ask the ledger. */
  readonly pollMilliseconds: number
  readonly logHint: (runId: string) => string
  /** Whether the sandbox lives only as long as this command. */
  readonly isTemporary: boolean
  readonly close: () => Promise<void>
}

/**
 * Connects to an environment. For `local` a sandbox that is running is used; else one is started for the command.
 *
 * @param options.warm the function that a message is about to wait for.
 */
export async function connect(
  target: TargetEnvironment,
  options: {
    readonly jobs: readonly Job[]
    /** The operator's shell: it says where the sandbox's folder is, and its migrations. */
    readonly env: Readonly<Record<string, string | undefined>>
    readonly warm?: string
    /** For a command that only looks: a sandbox of its own delivers nothing meanwhile. */
    readonly readOnly?: boolean
    readonly onStart?: () => void
  },
): Promise<Connection> {
  const {projectId} = target
  if (target.name !== 'local') {
    await checkCredentials()
    const publisher = createMessagePublisher({projectId, host: undefined})
    return {
      ledger: createRunLedger(createBigQuery({projectId})),
      publisher,
      pubSubHost: undefined,
      pollMilliseconds: 2000,
      logHint: runId => cloudLogsUrl(projectId, runId),
      isTemporary: false,
      close: publisher.close,
    }
  }
  const folder = sandboxFolderOf(options.env)
  const migrationsFolder = localMigrationsFolder(options.env)
  const running = await findRunningSandbox(folder)
  if (running !== undefined && migrationsFolder !== sampleMigrations && migrationsFolder !== running.migrationsFolder) {
    throw new UsageError(
      `the running sandbox applies the migrations of ${running.migrationsFolder}, not of SUPABASE_MIGRATIONS_DIR: end it with Ctrl-C where it runs, and start it again with that variable set`,
    )
  }
  const sandbox = running === undefined ? await startOwn({...options, folder, migrationsFolder}) : undefined
  const addresses = running ?? sandbox?.addresses
  if (addresses === undefined) throw new Error('the sandbox has no addresses')
  const publisher = createMessagePublisher({projectId, host: addresses.pubSubHost})
  return {
    ledger: createRunLedger(createBigQuery({projectId, url: addresses.bigQueryUrl})),
    publisher,
    pubSubHost: addresses.pubSubHost,
    pollMilliseconds: 100,
    logHint: () =>
      sandbox === undefined ? 'the terminal in which `npm run local` runs' : join(folder, 'functions.log'),
    isTemporary: sandbox !== undefined,
    async close() {
      await publisher.close()
      await sandbox?.stop()
    },
  }
}

async function startOwn({
  folder,
  migrationsFolder,
  jobs,
  warm,
  onStart,
  readOnly = false,
}: Parameters<typeof connect>[1] & {folder: string; migrationsFolder: string}) {
  onStart?.()
  const {startSandbox} = await import('../local/sandbox.ts')
  const {openLogFile} = await import('../local/log-file.ts')
  const logFile = await openLogFile(join(folder, 'functions.log'))
  const sandbox = await startSandbox({
    folder,
    migrationsFolder,
    jobs,
    onLine: logFile.write,
    pausesDelivery: readOnly,
    ...(warm === undefined ? {} : {warm}),
  })
  return {
    addresses: sandbox.addresses,
    async stop() {
      await sandbox.stop()
      await logFile.close()
    },
  }
}

function cloudLogsUrl(projectId: string, runId: string): string {
  const query = encodeURIComponent(`labels.runId="${runId}"`)
  return `https://console.cloud.google.com/logs/query;query=${query}?project=${projectId}`
}
