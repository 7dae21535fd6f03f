import type {BigQuery} from '@google-cloud/bigquery'
import * as z from 'zod'
import {bigQueryErrorOf} from '../../../lib/bigquery/bigquery-error.ts'
import {
  ledgerColumns,
  ledgerDataset,
  ledgerLocation,
  ledgerTable,
  ledgerTableMetadata,
} from '../../../lib/ledger/ledger-table.ts'
import type {LedgerCommand} from './ledger-commands.ts'
import type {Fields} from './resource.ts'

type DatasetState = {
  readonly location: string
  readonly writers: readonly string[]
  /** Accounts with the role that only reads. */
  readonly readers: readonly string[]
}

/** The ledger's dataset and table, and who may write in a dataset: what gcloud has no command for. */
export type LedgerTables = {
  /** Location of a dataset and the accounts that may write in it; undefined if there is none. */
  readonly dataset: (id: string) => Promise<DatasetState | undefined>
  /** The table's fields as they are compared; undefined if there is none. */
  readonly table: () => Promise<Fields | undefined>
  readonly apply: (command: LedgerCommand) => Promise<void>
}

const accessSchema = z.array(z.looseObject({role: z.string().optional(), userByEmail: z.string().optional()}))
const datasetSchema = z.looseObject({
  location: z.string().default(''),
  access: accessSchema.default([]),
  etag: z.string().optional(),
})
const tableSchema = z.looseObject({
  schema: z.object({fields: z.array(z.looseObject({name: z.string(), type: z.string()}))}),
  timePartitioning: z.looseObject({
    type: z.string(),
    field: z.string().optional(),
    expirationMs: z.string().optional(),
  }),
})

// BigQuery takes the one name and answers with the other. Source: BigQuery REST reference, TableFieldSchema.
const longNames: Readonly<Record<string, string>> = {INTEGER: 'INT64', FLOAT: 'FLOAT64', BOOLEAN: 'BOOL'}

/** The table's fields as the declaration of lib/ledger/ledger-table.ts wants them. */
export function declaredTableFields(): Fields {
  return toFields(tableSchema.parse(ledgerTableMetadata))
}

function toFields({schema, timePartitioning}: z.output<typeof tableSchema>): Fields {
  const columns = schema.fields.map(({name, type}) => [`column ${name}`, longNames[type] ?? type] as const)
  const days =
    timePartitioning.expirationMs === undefined ? 'never' : Number(timePartitioning.expirationMs) / 86_400_000
  return {
    partitions: `${timePartitioning.type} of ${timePartitioning.field ?? 'arrival'}`,
    'expire after days': String(days),
    ...Object.fromEntries(columns),
  }
}

export function createLedgerTables(bigQuery: BigQuery): LedgerTables {
  const ofLedger = bigQuery.dataset(ledgerDataset, {location: ledgerLocation})
  const table = ofLedger.table(ledgerTable)
  return {
    async dataset(id) {
      const metadata = await unlessAbsent(bigQuery.dataset(id).getMetadata())
      if (metadata === undefined) return undefined
      const {location, access} = datasetSchema.parse(metadata[0])
      return {
        location: location.toLowerCase(),
        writers: accountsIn(access, 'WRITER'),
        readers: accountsIn(access, 'READER'),
      }
    },
    async table() {
      const metadata = await unlessAbsent(table.getMetadata())
      return metadata === undefined ? undefined : toFields(tableSchema.parse(metadata[0]))
    },
    async apply(command) {
      switch (command.change) {
        case 'create dataset':
          await ofLedger.create()
          return
        case 'create table':
          await ofLedger.createTable(ledgerTable, ledgerTableMetadata)
          return
        case 'update table':
          await table.setMetadata(await grownTable(table.getMetadata()))
          return
        case 'let write': {
          const dataset = bigQuery.dataset(command.dataset)
          const [metadata] = await dataset.getMetadata()
          const {access, etag} = datasetSchema.parse(metadata)
          const added = (['WRITER', 'READER'] as const).flatMap(role => {
            const present = new Set(accountsIn(access, role))
            const wanted = role === 'WRITER' ? command.accounts : command.readers
            return wanted.filter(account => !present.has(account)).map(userByEmail => ({role, userByEmail}))
          })
          if (added.length === 0) return
          // With its etag, so that a change by somebody else in between is a 412, and isn't overwritten.
          await dataset.setMetadata({access: [...access, ...added], ...(etag === undefined ? {} : {etag})})
        }
      }
    },
  }
}

const longRoles = {WRITER: 'roles/bigquery.dataEditor', READER: 'roles/bigquery.dataViewer'} as const

/** BigQuery takes the one name of a role and may answer with the other. */
function accountsIn(access: z.output<typeof accessSchema>, wanted: keyof typeof longRoles): string[] {
  return access.flatMap(({role, userByEmail}) =>
    (role === wanted || role === longRoles[wanted]) && userByEmail !== undefined ? [userByEmail] : [],
  )
}

/** Columns can be added, never taken away: what is there and not declared stays. */
async function grownTable(reading: Promise<unknown[]>) {
  const [metadata] = await reading
  const {schema} = tableSchema.parse(metadata)
  const missing = ledgerColumns.filter(({name}) => !schema.fields.some(field => field.name === name))
  return {
    schema: {fields: [...schema.fields, ...missing.map(({name, type}) => ({name, type, mode: 'NULLABLE'}))]},
    timePartitioning: ledgerTableMetadata.timePartitioning,
  }
}

async function unlessAbsent<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking
  } catch (error) {
    if (bigQueryErrorOf(error).status === 404) return undefined
    throw error
  }
}
