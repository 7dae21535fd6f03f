import * as z from 'zod'
import type {Job} from '../../../lib/job/job.ts'
import type {AdminApiEmulator} from '../admin-api/server.ts'
import type {BigQueryEmulator} from '../bigquery/server.ts'
import type {Exchange} from '../emulator/exchange-log.ts'
import type {SupabaseEmulator} from '../supabase/server.ts'
import {parseFaultSpec} from './fault-spec.ts'
import type {FunctionAccess} from './function-access.ts'
import type {SandboxNotification, SandboxOrganization, SandboxRequest, SandboxTable, ServiceName} from './protocol.ts'
import type {SandboxFaults} from './sandbox-faults.ts'
import type {ControlRoutes} from './server.ts'

const newFaultSchema = z.object({fault: z.string()})

/** What the control API answers, in the forms of `protocol.ts`. */
export function createControlRoutes(sandbox: {
  readonly adminApi: AdminApiEmulator
  readonly bigQuery: BigQueryEmulator
  readonly supabase: SupabaseEmulator
  readonly faults: SandboxFaults
  readonly functions: FunctionAccess
  readonly jobs: readonly Job[]
  readonly about: () => {readonly pid: number; readonly clients: number}
}): ControlRoutes {
  const {adminApi, bigQuery, supabase, faults, functions, jobs} = sandbox
  return {
    'GET /about': sandbox.about,
    'GET /functions': functions.describe,
    'GET /functions/credentials': functions.tryCredentials,
    'GET /requests': (): SandboxRequest[] =>
      [
        ...toRequests('api', adminApi.exchanges()),
        ...toRequests('ledger', bigQuery.exchanges()),
        ...toRequests('supabase', supabase.exchanges()),
      ].sort((a, b) => (a.at < b.at ? -1 : 1)),
    'GET /notifications': (): SandboxNotification[] =>
      adminApi.requestLog.notifications.map(({requestId, ...notification}) => ({
        ...notification,
        ...(requestId === undefined ? {} : {requestId}),
      })),
    'GET /organizations': (): SandboxOrganization[] => toOrganizations(adminApi),
    'GET /tables': () => readTables(bigQuery),
    'GET /faults': () => faults.list(),
    'POST /faults': body => faults.add(parseFaultSpec(newFaultSchema.parse(body).fault, jobs)),
    'DELETE /faults': () => faults.clear(),
  }
}

function toRequests(service: ServiceName, exchanges: readonly Exchange[]): SandboxRequest[] {
  return exchanges.map(({caller, requestId, sql, status, fault, ...exchange}) => ({
    ...exchange,
    service,
    ...(caller === undefined ? {} : {caller}),
    ...(requestId === undefined ? {} : {requestId}),
    ...(sql === undefined ? {} : {sql}),
    ...(status === undefined ? {} : {status}),
    ...(fault === undefined ? {} : {fault}),
  }))
}

function toOrganizations({organizations}: AdminApiEmulator): SandboxOrganization[] {
  return organizations.list().map(({profile, dataset, state}) => ({
    orgSlug: profile.org_slug,
    name: profile.company_name,
    status: profile.status,
    ...(dataset === undefined ? {} : {tables: Object.keys(dataset.tables).length}),
    ...(state.quotaDate === undefined ? {} : {quotaDate: state.quotaDate}),
    stuckCounters: state.stuckCounters ?? 0,
    alerts: [...(state.alertConditions ?? [])],
  }))
}

async function readTables(bigQuery: BigQueryEmulator): Promise<SandboxTable[]> {
  const names = await bigQuery.execute(
    "SELECT table_schema AS dataset, table_name AS name FROM information_schema.tables WHERE table_schema NOT IN ('sandbox', 'main') ORDER BY 1, 2",
  )
  const quote = (name: unknown) => `"${String(name).replaceAll('"', '""')}"`
  return Promise.all(
    names.map(async ({dataset, name}) => {
      const [counted] = await bigQuery.execute(`SELECT count(*) AS n FROM ${quote(dataset)}.${quote(name)}`)
      return {name: `${dataset}.${name}`, rows: Number(counted?.['n'] ?? 0)}
    }),
  )
}
