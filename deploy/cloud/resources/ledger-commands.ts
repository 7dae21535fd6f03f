/** What is done to BigQuery's datasets and tables, through its client. */
export type LedgerCommand =
  | {readonly change: 'create dataset'}
  | {readonly change: 'create table'}
  | {readonly change: 'update table'}
  /** `roles/bigquery.dataEditor` on one dataset; BigQuery calls it WRITER. */
  | {readonly change: 'let write'; readonly dataset: string; readonly accounts: readonly string[]}

/** The command as a line for a person, and for tests. */
export function describeLedgerCommand(command: LedgerCommand): string {
  return command.change === 'let write'
    ? `bigquery: let ${command.accounts.join(', ')} write in ${command.dataset}`
    : `bigquery: ${command.change}`
}
