import {types} from '@electric-sql/pglite'
import * as z from 'zod'

type ParseCell = (text: string) => unknown

/**
 * One cell of a result, from Postgres' text to what the endpoint puts into its JSON. It answers as node-postgres parses,
 * with what supabase/postgres-meta sets on top: int8 is a number while it is exact, dates and times stay as Postgres
 * prints them, numeric stays a string so that no digit is lost, a type that the driver doesn't know is its text.
 *
 * @param typeId the column's type, an oid of pg_type
 */
export function parseColumnValue(typeId: number, text: string | null): unknown {
  if (text === null) return null
  const scalar = scalars.get(typeId)
  if (scalar !== undefined) return scalar(text)
  const elementId = arrays.get(typeId)
  return elementId === undefined ? text : types.arrayParser(text, scalars.get(elementId) ?? String, typeId)
}

const jsonText = z.string().transform((text): unknown => JSON.parse(text))
const toJson: ParseCell = text => jsonText.parse(text)
/** Only as long as nothing is lost: above 2^53 the endpoint answers with a string. */
const toExactNumber: ParseCell = text => (Number.isSafeInteger(Number(text)) ? Number(text) : text)

const scalars: ReadonlyMap<number, ParseCell> = new Map<number, ParseCell>([
  [16, text => text === 't'],
  // bytea: a Buffer in JSON, as node-postgres leaves it.
  [17, text => Buffer.from(text.slice(2), 'hex').toJSON()],
  [20, toExactNumber],
  [21, Number],
  [23, Number],
  [26, Number],
  [114, toJson],
  [700, Number],
  [701, Number],
  [3802, toJson],
])

/** Array types by oid, with their element's: those that node-postgres takes apart. */
const arrays: ReadonlyMap<number, number> = new Map([
  [1000, 16],
  [1005, 21],
  [1007, 23],
  [1009, 25],
  [1015, 1043],
  [1016, 20],
  [1021, 700],
  [1022, 701],
  [1028, 26],
  [1115, 1114],
  [1182, 1082],
  [1185, 1184],
  [1231, 1700],
  [199, 114],
  [2951, 2950],
  [3807, 3802],
])
