import * as z from 'zod'
import type {Supabase} from '../supabase/supabase.ts'
import type {AnalyzedFile} from './analyze-file.ts'
import {quoteLiteral} from './quote-literal.ts'

const indexSchema = z.object({
  idxname: z.string().optional(),
  relation: z.object({relname: z.string(), schemaname: z.string().optional()}),
})
const rowSchema = z.object({name: z.string(), is_valid: z.boolean(), is_named: z.boolean()})

/** An index that a file's CREATE INDEX CONCURRENTLY is about. */
export type IndexState = {
  /** As SQL writes it. */
  readonly name: string
  readonly isValid: boolean
  /** Whether the statement names it; otherwise it is some index of the same table. */
  readonly isNamed: boolean
}

/** The index that a file creates, if it is there, and for one without a name the invalid ones of its table. */
export async function findIndexes(file: AnalyzedFile, supabase: Supabase): Promise<readonly IndexState[]> {
  const statement = file.statements.find(({node}) => node === 'IndexStmt')
  const index = statement === undefined ? undefined : indexSchema.safeParse(statement.body).data
  if (index === undefined) return []
  const {relname, schemaname} = index.relation
  const table = [schemaname, relname].flatMap(part => (part === undefined ? [] : [quoteIdentifier(part)])).join('.')
  const isNamed = index.idxname === undefined ? 'false' : `c.relname = ${quoteLiteral(index.idxname)}`
  const query = `select i.indexrelid::regclass::text as name, i.indisvalid as is_valid, ${isNamed} as is_named
from pg_index i join pg_class c on c.oid = i.indexrelid
where i.indrelid = to_regclass(${quoteLiteral(table)}) and (${isNamed}${index.idxname === undefined ? ' or not i.indisvalid' : ''})`
  const rows = await supabase.query(query, {name: `index of ${file.name}`, isIdempotent: true, row: rowSchema})
  return rows.map(row => ({name: row.name, isValid: row.is_valid, isNamed: row.is_named}))
}

function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
