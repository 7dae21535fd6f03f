import {quotaTableMetadata} from '../../deploy/local/quota-mirror.ts'
import {ledgerDataset, ledgerTable, ledgerTableMetadata} from '../../lib/ledger/ledger-table.ts'

type Field = {readonly name: string; readonly type: string; readonly mode?: string}

export type KnownTable = {
  readonly dataset: string
  readonly table: string
  readonly metadata: {readonly schema: {readonly fields: readonly Field[]}}
}

const counts = [
  'orgs_processed',
  'orgs_skipped',
  'pipelines_triggered',
  'pipelines_failed',
  'pipelines_skipped_quota',
  'total_integrations',
]

/** Every table that the project sends statements to, with its real columns. */
export const knownTables: readonly KnownTable[] = [
  {dataset: ledgerDataset, table: ledgerTable, metadata: ledgerTableMetadata},
  {dataset: 'organizations', table: 'org_usage_quotas', metadata: quotaTableMetadata},
  {
    dataset: 'organizations',
    table: 'org_meta_pipeline_batch_runs',
    metadata: {
      schema: {
        fields: [
          {name: 'batch_run_id', type: 'STRING'},
          {name: 'org_slug', type: 'STRING'},
          {name: 'run_date', type: 'DATE'},
          {name: 'triggered_at', type: 'TIMESTAMP'},
          ...counts.map(name => ({name, type: 'INT64'})),
        ],
      },
    },
  },
]
