import {centralTables} from '../../deploy/local/central-tables.ts'
import {ledgerDataset, ledgerTable, ledgerTableMetadata} from '../../lib/ledger/ledger-table.ts'

type Field = {readonly name: string; readonly type: string; readonly mode?: string}

export type KnownTable = {
  readonly dataset: string
  readonly table: string
  readonly metadata: {readonly schema: {readonly fields: readonly Field[]}}
}

/** Every table that the project sends statements to, with its real columns. */
export const knownTables: readonly KnownTable[] = [
  {dataset: ledgerDataset, table: ledgerTable, metadata: ledgerTableMetadata},
  ...Object.entries(centralTables).map(([table, metadata]) => ({dataset: 'organizations', table, metadata})),
]
