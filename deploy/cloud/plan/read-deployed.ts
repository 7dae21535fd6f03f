import type {Gcloud} from '../gcloud/gcloud.ts'
import type {LedgerTables} from '../resources/ledger-tables.ts'
import {type Desired, type Found, idOf, kindNames} from '../resources/resource.ts'
import type {Cloud, Kind} from '../resources/resource-type.ts'
import {kinds} from '../resources/resource-types.ts'

/**
 * What is there, of every kind: all that is declared, and what else bears this project's names.
 *
 * @throws GcloudError if something can't be read: half a picture would make a wrong plan.
 */
export async function readDeployed(
  desired: readonly Desired[],
  options: {
    readonly projectId: string
    readonly gcloud: Gcloud
    readonly ledger: LedgerTables
    /** Only what is declared: nothing is said about the rest. */
    readonly isPartial: boolean
  },
): Promise<ReadonlyMap<string, Found>> {
  const {projectId, isPartial, ...clients} = options
  const found = new Map<string, Found>()
  const read = async (kind: Kind) => {
    const own = desired.filter(resource => resource.kind === kind.name)
    if (isPartial && own.length === 0) return []
    if (kind.api !== undefined && !isEnabled(kind.api, found)) return []
    const cloud: Cloud = {projectId, found, ...clients}
    const declared = new Set(own.map(idOf))
    return (await kind.read(cloud, own)).filter(
      item => declared.has(idOf(item)) || (!isPartial && (kind.isOurs?.(item, projectId) ?? false)),
    )
  }
  // What is enabled says what can be read; policies are read of what is there, alerts refer to channels.
  const late = ['binding', 'alert-policy'] as const
  const early = kindNames.filter(name => name !== 'api' && !late.some(known => known === name))
  for (const group of [['api'] as const, early, late]) {
    const items = await Promise.all(group.map(name => read(kinds[name])))
    for (const item of items.flat()) found.set(idOf(item), item)
  }
  return found
}

function isEnabled(api: string, found: ReadonlyMap<string, Found>): boolean {
  const services = [...found.values()].find(({kind}) => kind === 'api')
  return services?.fields[api] === 'enabled'
}
