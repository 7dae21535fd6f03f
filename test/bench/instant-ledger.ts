import * as z from 'zod'
import {startEmulatorServer} from '../../deploy/local/emulator/emulator-server.ts'
import {createInjectedFaults} from '../../deploy/local/emulator/injected-faults.ts'
import {ledgerTableMetadata} from '../../lib/ledger/ledger-table.ts'

export type InstantLedger = {
  readonly url: string
  /** Statements since the last call. */
  readonly takeCount: () => number
  /** The event of the entry that was written last: `succeeded`. */
  readonly lastEvent: () => string | undefined
  readonly stop: () => Promise<void>
}

const parameter = z.looseObject({
  name: z.string().nullish(),
  parameterValue: z.looseObject({value: z.unknown()}),
})
const statement = z.looseObject({
  query: z.string().optional(),
  jobReference: z.looseObject({jobId: z.string().optional()}).optional(),
  configuration: z
    .looseObject({query: z.looseObject({queryParameters: z.array(parameter).optional()}).optional()})
    .optional(),
})

/**
 * A BigQuery that answers at once: every table is empty, every statement done, and a count of organizations is complete.
 * What is measured against it is the function's own time. Source: BigQuery REST reference, v2.
 *
 * @param organizations how many are active, so that a job that waits for each of them finds them all.
 */
export async function startInstantLedger(organizations = () => 0): Promise<InstantLedger> {
  let count = 0
  let lastEvent: string | undefined
  const {schema} = ledgerTableMetadata
  const server = await startEmulatorServer({
    faults: createInjectedFaults(),
    async respond({method, url, body}) {
      const isStatement = method === 'POST'
      if (isStatement) count += 1
      const given = isStatement ? statement.parse(JSON.parse(body)) : {}
      const jobId = given.jobReference?.jobId ?? url.pathname.split('/').at(-1) ?? ''
      const event = given.configuration?.query?.queryParameters?.find(({name}) => name === 'event')
      if (event !== undefined) lastEvent = String(event.parameterValue.value)
      const jobReference = {projectId: 'cloudact-local', jobId, location: 'us-central1'}
      if (url.pathname.endsWith('/jobs')) {
        return {status: 200, body: {...given, jobReference, status: {state: 'DONE'}, statistics: {query: {}}}}
      }
      const common = {kind: 'bigquery#queryResponse', jobReference, jobComplete: true}
      const counted = countedNames(given.query ?? '')
      if (counted.length > 0) {
        const fields = counted.map(name => ({name, type: 'INTEGER', mode: 'NULLABLE'}))
        const f = counted.map(name => ({v: name === 'organizations' ? String(organizations()) : '0'}))
        return {status: 200, body: {...common, schema: {fields}, totalRows: '1', rows: [{f}]}}
      }
      return {status: 200, body: {...common, schema, totalRows: '0', rows: [], numDmlAffectedRows: '1'}}
    },
  })
  return {
    url: server.url,
    lastEvent: () => lastEvent,
    takeCount() {
      const taken = count
      count = 0
      return taken
    },
    stop: server.stop,
  }
}

/** The columns of a statement that only counts. */
function countedNames(query: string): string[] {
  if (!/^SELECT COUNT\(/.test(query)) return []
  return [...query.matchAll(/ AS `(\w+)`/g)].map(([, name = '']) => name)
}
