import * as z from 'zod'
import type {Database} from './database.ts'
import {BigQueryRefusal} from './refusal.ts'
import {duckTypeOf} from './sql-types.ts'
import {columnType, quoteName} from './translate-expression.ts'

const fieldSchema = z.object({
  name: z.string().regex(/^[A-Za-z_]\w{0,299}$/),
  type: z.enum(['STRING', 'INT64', 'INTEGER', 'FLOAT64', 'FLOAT', 'BOOL', 'BOOLEAN', 'TIMESTAMP', 'DATE', 'JSON']),
  mode: z.enum(['NULLABLE', 'REQUIRED', 'REPEATED']).default('NULLABLE'),
})
const tableSchema = z.looseObject({
  schema: z.object({fields: z.array(fieldSchema).min(1)}),
  timePartitioning: z.looseObject({type: z.string(), field: z.string().optional()}).optional(),
})
export type TableMetadata = z.infer<typeof tableSchema>
const metadataSchema = z.looseObject({})
type Metadata = z.infer<typeof metadataSchema>

/** DuckDB's own, and the emulator's. */
const takenNames = new Set(['sandbox', 'main', 'temp', 'system', 'information_schema', 'pg_catalog'])

/** Datasets and tables: DuckDB's own schemas and tables, and beside them the metadata that BigQuery gives back. */
export type Datasets = {
  readonly createDataset: (id: string, metadata: Metadata) => Promise<Metadata>
  readonly getDataset: (id: string) => Promise<Metadata>
  readonly createTable: (dataset: string, id: string, body: unknown) => Promise<TableMetadata>
  readonly getTable: (dataset: string, id: string) => Promise<TableMetadata>
  /** Rows of a table (`dataset.table`) were changed. */
  readonly touch: (name: string) => void
  /** Adds the columns that the table doesn't have; nothing else can change here. */
  readonly growTable: (dataset: string, id: string, body: unknown) => Promise<TableMetadata>
  readonly deleteTable: (dataset: string, id: string) => Promise<void>
}

function toColumn({name, type, mode}: z.infer<typeof fieldSchema>): string {
  const required = mode === 'REQUIRED' ? ' NOT NULL' : ''
  return `${quoteName(name.toLowerCase())} ${duckTypeOf(columnType(type, mode))}${required}`
}

export async function openDatasets(database: Database, projectId: string): Promise<Datasets> {
  await database.run('CREATE SCHEMA IF NOT EXISTS sandbox')
  await database.run('CREATE TABLE IF NOT EXISTS sandbox.resources (name VARCHAR PRIMARY KEY, metadata VARCHAR)')
  const saved = await database.run('SELECT name, metadata FROM sandbox.resources')
  const resources = new Map(
    saved.getRows().map(([name, metadata]) => [String(name), metadataSchema.parse(JSON.parse(String(metadata)))]),
  )

  const save = (name: string, metadata: Metadata, ddl: string) =>
    database.transaction(async run => {
      await run(ddl)
      await run('INSERT INTO sandbox.resources VALUES ($name, $metadata)', {name, metadata: JSON.stringify(metadata)})
      resources.set(name, metadata)
    })
  // Since the sandbox was opened: enough to tell that something has changed.
  const openedAt = Date.now()
  const modified = new Map<string, number>()
  const getDataset = async (id: string) => {
    const metadata = resources.get(id)
    if (metadata === undefined) throw new BigQueryRefusal(404, 'notFound', `Not found: Dataset ${projectId}:${id}`)
    return metadata
  }
  const getTable = async (dataset: string, id: string) => {
    await getDataset(dataset)
    const metadata = resources.get(`${dataset}.${id}`)
    if (metadata === undefined)
      throw new BigQueryRefusal(404, 'notFound', `Not found: Table ${projectId}:${dataset}.${id}`)
    const lastModifiedTime = String(modified.get(`${dataset}.${id}`) ?? openedAt)
    return {...tableSchema.parse(metadata), lastModifiedTime}
  }
  /** BigQuery has `a` and `A` beside each other, DuckDB hasn't. */
  const refuseOtherCase = (name: string) => {
    const other = resources.keys().find(known => known.toLowerCase() === name.toLowerCase())
    if (other === undefined) return
    throw new BigQueryRefusal(400, 'invalid', `the sandbox's BigQuery can't keep ${name} beside ${other}`)
  }
  return {
    getDataset,
    getTable,
    touch(name) {
      modified.set(name, Math.max(Date.now(), (modified.get(name) ?? openedAt) + 1))
    },
    async createDataset(id, metadata) {
      if (!/^[A-Za-z_]\w{0,1023}$/.test(id) || takenNames.has(id.toLowerCase())) {
        throw new BigQueryRefusal(400, 'invalid', `Invalid dataset ID "${id}".`)
      }
      if (resources.has(id)) throw new BigQueryRefusal(409, 'duplicate', `Already Exists: Dataset ${projectId}:${id}`)
      refuseOtherCase(id)
      const kept = {...metadata, kind: 'bigquery#dataset', id: `${projectId}:${id}`}
      await save(id, kept, `CREATE SCHEMA ${quoteName(id)}`)
      return kept
    },
    async createTable(dataset, id, body) {
      await getDataset(dataset)
      const parsed = tableSchema.safeParse(body)
      if (!parsed.success || !/^\w{1,1024}$/.test(id)) {
        throw new BigQueryRefusal(
          400,
          'invalid',
          `Invalid table "${id}": ${parsed.error?.issues[0]?.message ?? 'its name'}`,
        )
      }
      const name = `${dataset}.${id}`
      if (resources.has(name)) {
        throw new BigQueryRefusal(409, 'duplicate', `Already Exists: Table ${projectId}:${name}`)
      }
      refuseOtherCase(name)
      const kept = {...parsed.data, kind: 'bigquery#table', id: `${projectId}:${name}`}
      const columns = parsed.data.schema.fields.map(toColumn).join(', ')
      await save(name, kept, `CREATE TABLE ${quoteName(dataset)}.${quoteName(id)} (${columns})`)
      return kept
    },
    async growTable(dataset, id, body) {
      const metadata = await getTable(dataset, id)
      const parsed = tableSchema.pick({schema: true}).safeParse(body)
      if (!parsed.success) throw new BigQueryRefusal(400, 'invalid', `Invalid schema of table "${id}"`)
      const {fields} = parsed.data.schema
      const known = metadata.schema.fields
      const gone = known.find(({name}) => !fields.some(field => field.name === name))
      const added = fields.filter(({name}) => !known.some(field => field.name === name))
      if (gone !== undefined || added.some(({mode}) => mode === 'REQUIRED')) {
        const reason =
          gone === undefined
            ? 'Cannot add required fields to an existing schema'
            : `Field ${gone.name} is missing in new schema`
        throw new BigQueryRefusal(
          400,
          'invalid',
          `Provided Schema does not match Table ${projectId}:${dataset}.${id}. ${reason}`,
        )
      }
      const name = `${dataset}.${id}`
      const kept = {...metadata, schema: {fields: [...known, ...added]}}
      await database.transaction(async run => {
        const table = `${quoteName(dataset)}.${quoteName(id)}`
        for (const field of added) await run(`ALTER TABLE ${table} ADD COLUMN ${toColumn(field)}`)
        const values = {name, metadata: JSON.stringify(kept)}
        await run('UPDATE sandbox.resources SET metadata = $metadata WHERE name = $name', values)
        resources.set(name, kept)
      })
      return kept
    },
    async deleteTable(dataset, id) {
      await getTable(dataset, id)
      const name = `${dataset}.${id}`
      await database.transaction(async run => {
        await run(`DROP TABLE ${quoteName(dataset)}.${quoteName(id)}`)
        await run('DELETE FROM sandbox.resources WHERE name = $name', {name})
        resources.delete(name)
      })
    },
  }
}
