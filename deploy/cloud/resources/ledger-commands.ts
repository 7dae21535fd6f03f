/** What is done to BigQuery's datasets and tables, through its client. */
export type LedgerCommand =
  | {readonly change: 'create dataset'}
  | {readonly change: 'create table'}
  | {readonly change: 'update table'}
  /** `roles/bigquery.dataEditor` on one dataset, and `dataViewer` for readers; BigQuery calls them WRITER and READER. */
  | {
      readonly change: 'let write'
      readonly dataset: string
      readonly accounts: readonly string[]
      readonly readers: readonly string[]
    }

/** The command as a line for a person, and for tests. */
export function describeLedgerCommand(command: LedgerCommand): string {
  if (command.change !== 'let write') return `bigquery: ${command.change}`
  const {accounts, readers, dataset} = command
  const who = [
    ...(accounts.length > 0 ? [`let ${accounts.join(', ')} write in ${dataset}`] : []),
    ...(readers.length > 0 ? [`let ${readers.join(', ')} read in ${dataset}`] : []),
  ]
  return `bigquery: ${who.join(', ')}`
}
