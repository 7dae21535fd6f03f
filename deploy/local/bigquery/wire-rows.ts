import {
  DuckDBDateValue,
  DuckDBListValue,
  type DuckDBResultReader,
  DuckDBTimestampTZValue,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api'

type Cell = {readonly v: string | null | readonly Cell[]}

/** A result as BigQuery's REST interface carries it: every value is text. Source: BigQuery REST reference, Jobs. */
export type WireResult = {
  readonly schema: {readonly fields: readonly {name: string; type: string; mode: string}[]}
  readonly rows: readonly {readonly f: readonly Cell[]}[]
}

export function toWireResult(result: DuckDBResultReader): WireResult {
  const types = result.columnTypes()
  const fields = result.columnNames().map((name, at) => fieldOf(name, types[at]))
  return {schema: {fields}, rows: result.getRows().map(row => ({f: row.map(toCell)}))}
}

function fieldOf(name: string, type: DuckDBType | undefined): {name: string; type: string; mode: string} {
  const text = String(type)
  const isArray = text.endsWith('[]')
  return {name, type: wireType(isArray ? text.slice(0, -2) : text), mode: isArray ? 'REPEATED' : 'NULLABLE'}
}

function wireType(duckType: string): string {
  if (/^(BIGINT|INTEGER|SMALLINT|TINYINT|UBIGINT|HUGEINT)$/.test(duckType)) return 'INTEGER'
  if (/^(DOUBLE|FLOAT|DECIMAL)/.test(duckType)) return 'FLOAT'
  if (duckType === 'BOOLEAN') return 'BOOLEAN'
  if (duckType === 'DATE') return 'DATE'
  if (duckType.startsWith('TIMESTAMP')) return 'TIMESTAMP'
  return duckType === 'JSON' ? 'JSON' : 'STRING'
}

function toCell(value: DuckDBValue): Cell {
  if (value === null || value === undefined) return {v: null}
  if (value instanceof DuckDBListValue) return {v: value.items.map(toCell)}
  // Kept as microseconds; formatTimestamps() gives them the form that was asked for.
  if (value instanceof DuckDBTimestampTZValue) return {v: String(value.micros)}
  if (value instanceof DuckDBDateValue) return {v: value.toString()}
  return {v: String(value)}
}

/** How timestamps are wanted. Source: BigQuery REST reference, DataFormatOptions. */
export type TimestampFormat = 'ISO8601_STRING' | 'INT64' | 'FLOAT64'

/** Rows with their timestamps (of microseconds) in the form that the request asks for. */
export function formatTimestamps({schema, rows}: WireResult, format: TimestampFormat): WireResult['rows'] {
  if (format === 'INT64') return rows
  return rows.map(({f}) => ({
    f: f.map((cell, at) => (schema.fields[at]?.type === 'TIMESTAMP' ? formatCell(cell, format) : cell)),
  }))
}

function formatCell({v}: Cell, format: TimestampFormat): Cell {
  if (typeof v !== 'string') return v === null ? {v} : {v: v.map(cell => formatCell(cell, format))}
  if (format === 'FLOAT64') return {v: String(Number(v) / 1_000_000)}
  const micros = BigInt(v)
  const milliseconds = Number(micros / 1_000n) - (micros % 1_000n < 0n ? 1 : 0)
  const rest = String(Number(((micros % 1_000n) + 1_000n) % 1_000n)).padStart(3, '0')
  return {v: new Date(milliseconds).toISOString().replace('Z', `${rest}Z`)}
}
