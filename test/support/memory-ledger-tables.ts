import {describeLedgerCommand} from '../../deploy/cloud/resources/ledger-commands.ts'
import {declaredTableFields, type LedgerTables} from '../../deploy/cloud/resources/ledger-tables.ts'
import type {Fields} from '../../deploy/cloud/resources/resource.ts'

/** The ledger's tables in memory, with what was done to them. */
export function createMemoryLedgerTables(): LedgerTables & {
  readonly changes: string[]
  readonly datasets: Map<string, {location: string; writers: string[]; readers: string[]}>
  fields: Fields | undefined
} {
  const datasets = new Map<string, {location: string; writers: string[]; readers: string[]}>()
  const tables = {
    changes: [] as string[],
    datasets,
    fields: undefined as Fields | undefined,
    dataset: async (id: string) => datasets.get(id),
    table: async () => tables.fields,
    async apply(command: Parameters<LedgerTables['apply']>[0]) {
      tables.changes.push(describeLedgerCommand(command))
      if (command.change === 'create dataset')
        datasets.set('scheduler_jobs', {location: 'us-central1', writers: [], readers: []})
      else if (command.change === 'let write') {
        datasets.get(command.dataset)?.writers.push(...command.accounts)
        datasets.get(command.dataset)?.readers.push(...command.readers)
      } else tables.fields = declaredTableFields()
    },
  }
  return tables
}
