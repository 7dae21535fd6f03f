import {createFaultPlan} from '../../deploy/local/fault-plan.ts'
import {startStandInServer} from '../../deploy/local/stand-in-server.ts'
import {ledgerTableMetadata} from '../../lib/ledger-table.ts'

export type InstantLedger = {
  readonly url: string
  /** Statements since the last call. */
  readonly takeCount: () => number
  readonly stop: () => Promise<void>
}

/**
 * A BigQuery that answers at once: every table is empty, every statement done. What is measured against it is the
 * function's own time. Source: BigQuery REST reference, v2.
 */
export async function startInstantLedger(): Promise<InstantLedger> {
  let count = 0
  const {schema} = ledgerTableMetadata
  const server = await startStandInServer({
    faults: createFaultPlan(),
    async respond({method, url, body}) {
      const isStatement = method === 'POST'
      if (isStatement) count += 1
      const given: {jobReference?: {jobId?: string}} = isStatement ? JSON.parse(body) : {}
      const jobId = given.jobReference?.jobId ?? url.pathname.split('/').at(-1) ?? ''
      const jobReference = {projectId: 'cloudact-local', jobId, location: 'us-central1'}
      if (url.pathname.endsWith('/jobs')) {
        return {status: 200, body: {...given, jobReference, status: {state: 'DONE'}, statistics: {query: {}}}}
      }
      const result = {kind: 'bigquery#queryResponse', jobReference, jobComplete: true, schema, totalRows: '0'}
      return {status: 200, body: {...result, rows: [], numDmlAffectedRows: '1'}}
    },
  })
  return {
    url: server.url,
    takeCount() {
      const taken = count
      count = 0
      return taken
    },
    stop: server.stop,
  }
}
