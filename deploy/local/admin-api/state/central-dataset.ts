import {
  differencesOf,
  missingFrom,
  type Obstacle,
  repairTables,
  type TableDifference,
  type TableSet,
} from './table-set.ts'

/** The contract's answer to a status call. */
export type BootstrapStatus = {
  readonly status: 'SYNCED' | 'OUT_OF_SYNC' | 'NOT_BOOTSTRAPPED'
  readonly dataset_exists: boolean
  readonly tables_expected: number
  readonly tables_existing: readonly string[]
  readonly tables_missing: readonly string[]
  readonly tables_extra: readonly string[]
  readonly schema_diffs: Readonly<Record<string, TableDifference>>
  readonly message: string
}

/** BigQuery refuses the service itself; the category is what the service makes of it. */
export type Trouble = {
  readonly category:
    | 'auth'
    | 'validation'
    | 'not_found'
    | 'conflict'
    | 'rate_limit'
    | 'integration'
    | 'database'
    | 'internal'
  /** BigQuery's own words, which only a status call shows. */
  readonly message: string
}

/** What a test may do to the dataset behind the service's back, and see of it. */
export type CentralDatasetControls = {
  /** Undefined where there is no dataset. */
  readonly tables: () => TableSet | undefined
  readonly dropDataset: () => void
  readonly dropTable: (table: string) => void
  readonly dropColumn: (table: string, column: string) => void
  /** Adds a table, or columns, that no release knows. */
  readonly addTable: (table: string, columns: readonly string[]) => void
  readonly addColumn: (table: string, column: string) => void
  /** From now on this table can't be created or extended: a fresh bootstrap is FAILED, a sync PARTIAL. */
  readonly breakTable: (table: string, reason: string) => void
  /** From now on the table comes into being without this column: fresh is SUCCESS with an invalid schema, sync PARTIAL. */
  readonly breakColumn: (table: string, column: string, reason: string) => void
  /** Everything that was broken works again. */
  readonly mend: () => void
  /** A warning that every fresh bootstrap from now on reports. */
  readonly warn: (warning: string) => void
  /** The next `times` calls of the bootstrap routes (1 when absent) meet a BigQuery that refuses the service. */
  readonly refuse: (trouble: Trouble, times?: number) => void
}

export type CentralDataset = CentralDatasetControls & {
  readonly warnings: () => readonly string[]
  readonly obstacle: Obstacle
  /** The trouble that this call meets, if it meets any; asking counts as one of the `times`. */
  readonly takeTrouble: () => Trouble | undefined
  readonly status: () => BootstrapStatus
  readonly create: () => void
  readonly repair: (options: {missingTables: boolean; missingColumns: boolean}) => ReturnType<typeof repairTables>
}

/**
 * The central dataset, `organizations`: absent until a bootstrap creates it.
 *
 * @param options.tables what is there already; undefined without a dataset.
 */
export function createCentralDataset(options: {
  readonly tables: TableSet | undefined
  readonly expected: TableSet
}): CentralDataset {
  const {expected} = options
  let {tables} = options
  const broken = new Map<string, string>()
  const warnings: string[] = []
  let troubles: readonly Trouble[] = []
  const obstacle: Obstacle = (table, column) => broken.get(column === undefined ? table : `${table}.${column}`)

  return {
    tables: () => tables,
    dropDataset: () => {
      tables = undefined
    },
    dropTable(table) {
      columnsOf(table)
      tables = Object.fromEntries(Object.entries(tables ?? {}).filter(([name]) => name !== table))
    },
    dropColumn: (table, column) => set(table, missingFrom([column], columnsOf(table))),
    addTable: (table, columns) => set(table, columns),
    addColumn: (table, column) => set(table, [...columnsOf(table), column]),
    breakTable: (table, reason) => void broken.set(table, reason),
    breakColumn: (table, column, reason) => void broken.set(`${table}.${column}`, reason),
    mend: () => broken.clear(),
    warn: warning => void warnings.push(warning),
    refuse(trouble, times = 1) {
      troubles = [...troubles, ...Array<Trouble>(times).fill(trouble)]
    },
    takeTrouble() {
      const [trouble, ...rest] = troubles
      troubles = rest
      return trouble
    },
    warnings: () => warnings,
    obstacle,
    status: () => statusOf(tables, expected),
    create() {
      tables = {}
    },
    repair(wanted) {
      const repair = repairTables(tables ?? {}, expected, {...wanted, obstacle})
      tables = repair.tables
      return repair
    },
  }

  function set(table: string, columns: readonly string[]): void {
    if (tables === undefined) throw new Error(`no table ${table} without a dataset: bootstrap first`)
    tables = {...tables, [table]: columns}
  }

  function columnsOf(table: string): readonly string[] {
    const columns = tables?.[table]
    if (columns === undefined) throw new Error(`there is no table ${table}`)
    return columns
  }
}

/** What a status call answers when BigQuery refuses the service: 200, and the same status as for a new project. */
export function troubledStatus({message}: Trouble): BootstrapStatus {
  return {
    status: 'NOT_BOOTSTRAPPED',
    dataset_exists: false,
    tables_expected: 0,
    tables_existing: [],
    tables_missing: [],
    tables_extra: [],
    schema_diffs: {},
    message: `Error checking bootstrap status: ${message}`,
  }
}

function statusOf(tables: TableSet | undefined, expected: TableSet): BootstrapStatus {
  const names = Object.keys(expected)
  const existing = Object.keys(tables ?? {})
  const missing = missingFrom(existing, names)
  const differences = differencesOf(tables ?? {}, expected)
  const drifts = Object.keys(differences).length
  const extra = missingFrom(names, existing)
  return {
    status:
      tables === undefined ? 'NOT_BOOTSTRAPPED' : missing.length + drifts + extra.length > 0 ? 'OUT_OF_SYNC' : 'SYNCED',
    dataset_exists: tables !== undefined,
    tables_expected: names.length,
    tables_existing: existing,
    tables_missing: missing,
    tables_extra: extra,
    schema_diffs: differences,
    message: messageOf(),
  }

  function messageOf(): string {
    if (tables === undefined) return 'Organizations dataset does not exist. Run bootstrap first.'
    if (missing.length + drifts + extra.length === 0) return `Bootstrap in sync: ${existing.length} tables present`
    return `Bootstrap out of sync: ${missing.length} tables missing, ${drifts} tables with schema differences`
  }
}
