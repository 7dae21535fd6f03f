import {type DuckDBValue, listValue} from '@duckdb/node-api'
import * as z from 'zod'
import {invalidQuery, unsupported} from './refusal.ts'
import {arrayOf, elementOf, isValueOf, type SqlType, toSqlType} from './sql-types.ts'

const typeSchema = z.object({type: z.string(), arrayType: z.object({type: z.string()}).optional()})
// The field is text; JSON's numbers and booleans are taken for it, as protocol buffers' JSON form allows.
const scalarValue = z
  .union([z.string(), z.number(), z.boolean()])
  .transform(value => String(value))
  .nullish()
const valueSchema = z.object({
  value: scalarValue,
  arrayValues: z.array(z.object({value: scalarValue})).optional(),
})

/** A query parameter as the REST interface carries it. Source: BigQuery REST reference, QueryParameter. */
export const queryParameterSchema = z.object({
  name: z.string().optional(),
  parameterType: typeSchema,
  parameterValue: valueSchema.optional(),
})
export type QueryParameter = z.infer<typeof queryParameterSchema>

export type BoundParameter = {
  readonly name: string
  readonly type: SqlType
  /** Its name in DuckDB's statement, apart from every keyword. */
  readonly placeholder: string
  /** Text, or texts: the statement casts them, so that DuckDB checks them as BigQuery would. */
  readonly value: DuckDBValue
}

/**
 * Checks the parameters against their types. By name in lower case: GoogleSQL's know no case.
 *
 * @throws BigQueryRefusal as BigQuery does: a parameter without a name, named twice, of an unknown type, or not of its type.
 */
export function bindParameters(parameters: readonly QueryParameter[]): ReadonlyMap<string, BoundParameter> {
  const bound = new Map<string, BoundParameter>()
  for (const [index, {name, parameterType, parameterValue}] of parameters.entries()) {
    if (name === undefined) throw unsupported('positional parameters')
    if (bound.has(name.toLowerCase())) throw invalidQuery(`Duplicate parameter name ${name}`)
    const type = typeOf(name, parameterType)
    const element = elementOf(type)
    const check = (value: string | null | undefined): string | null => {
      if (value === null || value === undefined) return null
      if (isValueOf(element ?? type, value)) return value
      throw invalidQuery(`Invalid value for type ${element ?? type} in query parameter '${name}'`)
    }
    const value =
      element === undefined
        ? check(parameterValue?.value)
        : listValue((parameterValue?.arrayValues ?? []).map(item => check(item.value)))
    bound.set(name.toLowerCase(), {name, type, placeholder: `p${index}`, value})
  }
  return bound
}

function typeOf(name: string, {type, arrayType}: z.infer<typeof typeSchema>): SqlType {
  const found = toSqlType(type === 'ARRAY' ? (arrayType?.type ?? '') : type)
  if (found === undefined) throw unsupported(`the type ${type} of query parameter '${name}'`)
  return type === 'ARRAY' ? arrayOf(found) : found
}
