import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import {beginningOfRun} from '../../lib/job/run-id.ts'
import {readLedgerVersion} from '../../lib/ledger/ledger-version.ts'
import {createRunLedger, type RunLedger} from '../../lib/ledger/run-ledger.ts'
import {createMessagePublisher, type MessagePublisher} from '../../lib/run/message-publisher.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import {checkCredentials} from './check-credentials.ts'
import type {Pace} from './pace.ts'
import type {ReachOptions} from './reach-sandbox.ts'

/** What a command needs of an environment. */
export type Connection = {
  readonly ledger: RunLedger
  /** Changes whenever the ledger does, and costs nothing to ask. @throws UnavailableError */
  readonly ledgerVersion: () => Promise<string | undefined>
  readonly publisher: MessagePublisher
  /** Pub/Sub on this machine; undefined: Google's. */
  readonly pubSubHost: string | undefined
  /** How often it is polite to ask whether something happened. */
  readonly pace: Pace
  /** Where to find a run's log lines. */
  readonly logHint: (runId: string) => string
  /** The sandbox's file of what its functions printed; undefined in the cloud. */
  readonly logFile: string | undefined
  /** Whether the sandbox lives only as long as this command. */
  readonly isTemporary: boolean
  readonly close: () => Promise<void>
}

/**
 * Connects to an environment. For `local` a sandbox that is running is used; else one is started for the command.
 */
export async function connect(target: TargetEnvironment, options: ReachOptions): Promise<Connection> {
  const {projectId} = target
  if (target.name === 'local') {
    const {connectLocal} = await import('./connect-local.ts')
    return connectLocal(projectId, options)
  }
  await checkCredentials()
  const publisher = createMessagePublisher({projectId, host: undefined})
  const bigQuery = createBigQuery({projectId})
  return {
    ledger: createRunLedger(bigQuery, {beginningOf: runId => beginningOfRun(runId, new Date())}),
    ledgerVersion: () => readLedgerVersion(bigQuery),
    publisher,
    pubSubHost: undefined,
    pace: {nearMilliseconds: 250, farMilliseconds: 5000},
    logHint: runId => cloudLogsUrl(projectId, runId),
    logFile: undefined,
    isTemporary: false,
    close: publisher.close,
  }
}

function cloudLogsUrl(projectId: string, runId: string): string {
  const query = encodeURIComponent(`labels.runId="${runId}"`)
  return `https://console.cloud.google.com/logs/query;query=${query}?project=${projectId}`
}
