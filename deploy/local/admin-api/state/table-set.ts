import * as z from 'zod'

/** Tables and their columns, by name. Immutable: a change makes another one. */
export type TableSet = Readonly<Record<string, readonly string[]>>

export const tableSetSchema = z.record(z.string(), z.array(z.string()).readonly()).readonly()

/** How one table differs from what is expected of it; wire form of the contract's `schema_diffs`. */
export type TableDifference = {readonly missing_columns: readonly string[]; readonly extra_columns: readonly string[]}

type Repair = {
  /** The tables as they are afterwards. */
  readonly tables: TableSet
  readonly tablesCreated: readonly string[]
  readonly columnsAdded: Readonly<Record<string, readonly string[]>>
  readonly errors: readonly string[]
}

/** Why a table, or one of its columns, can't be made; undefined where it can. */
export type Obstacle = (table: string, column?: string) => string | undefined

/** Creates what is missing, as the service's syncs do: nothing is ever dropped, and one failure does not stop the rest. */
export function repairTables(
  actual: TableSet,
  expected: TableSet,
  options: {readonly missingTables: boolean; readonly missingColumns: boolean; readonly obstacle: Obstacle},
): Repair {
  const tables: Record<string, readonly string[]> = {...actual}
  const tablesCreated: string[] = []
  const columnsAdded: Record<string, readonly string[]> = {}
  const errors: string[] = []

  for (const [table, columns] of Object.entries(expected)) {
    const present = tables[table]
    if (present === undefined) {
      if (options.missingTables) createTable(table, columns)
    } else if (options.missingColumns) {
      addColumns(table, present, columns)
    }
  }
  return {tables, tablesCreated, columnsAdded, errors}

  function createTable(table: string, columns: readonly string[]): void {
    const reason = options.obstacle(table)
    if (reason !== undefined) return void errors.push(`Failed to create ${table}: ${reason}`)
    tables[table] = columns.filter(column => options.obstacle(table, column) === undefined)
    tablesCreated.push(table)
  }

  function addColumns(table: string, present: readonly string[], columns: readonly string[]): void {
    const added: string[] = []
    for (const column of missingFrom(present, columns)) {
      const reason = options.obstacle(table) ?? options.obstacle(table, column)
      if (reason === undefined) added.push(column)
      else errors.push(`Failed to add column ${column} to ${table}: ${reason}`)
    }
    if (added.length === 0) return
    tables[table] = [...present, ...added]
    columnsAdded[table] = added
  }
}

/** The tables that are there and expected, but have other columns. */
export function differencesOf(actual: TableSet, expected: TableSet): Record<string, TableDifference> {
  const differences: Record<string, TableDifference> = {}
  for (const [table, columns] of Object.entries(expected)) {
    const present = actual[table]
    if (present === undefined) continue
    const difference = {missing_columns: missingFrom(present, columns), extra_columns: missingFrom(columns, present)}
    if (difference.missing_columns.length + difference.extra_columns.length > 0) differences[table] = difference
  }
  return differences
}

/** Those of `wanted` that `present` lacks. */
export function missingFrom(present: readonly string[], wanted: readonly string[]): string[] {
  return wanted.filter(name => !present.includes(name))
}

/** How many columns a repair added, over all tables. */
export function countOf(columnsAdded: Readonly<Record<string, readonly string[]>>): number {
  return Object.values(columnsAdded).reduce((sum, columns) => sum + columns.length, 0)
}
