import type {Gcloud} from '../gcloud/gcloud.ts'
import type {LedgerTables} from '../resources/ledger-tables.ts'
import {
  type ActualState,
  type DesiredState,
  idOf,
  type ResourceTypeName,
  resourceTypeNames,
} from '../resources/resource.ts'
import {typeNamed} from '../resources/resource-types.ts'

/**
 * What exists, of every type: all that is declared, and what else has this project's names.
 *
 * @throws GcloudError if something can't be read: half a picture would make a wrong plan.
 */
export async function readActual(
  manifest: readonly DesiredState[],
  options: {
    readonly projectId: string
    readonly gcloud: Gcloud
    readonly ledger: LedgerTables
    /** Only what is declared: nothing is said about the rest. */
    readonly isPartial: boolean
  },
): Promise<ReadonlyMap<string, ActualState>> {
  const {projectId, isPartial, ...clients} = options
  const actual = new Map<string, ActualState>()
  const read = async <T extends ResourceTypeName>(name: T): Promise<readonly ActualState<T>[]> => {
    const type = typeNamed<T>(name)
    const desired = manifest.filter(resource => isOfType(resource, name))
    if (isPartial && desired.length === 0) return []
    if (type.api !== undefined && !isEnabled(type.api, actual)) return []
    const declared = new Set(desired.map(idOf))
    const found = await type.read({projectId, actual, ...clients}, desired)
    return found.filter(item => declared.has(idOf(item)) || (!isPartial && (type.isOurs?.(item, projectId) ?? false)))
  }
  // What is enabled says what can be read; policies are read of what exists, alerts refer to channels.
  const late = ['binding', 'alert-policy'] as const
  const early = resourceTypeNames.filter(name => name !== 'api' && !late.some(known => known === name))
  for (const group of [['api'] as const, early, late]) {
    const items = await Promise.all(group.map(name => read(name)))
    for (const item of items.flat()) actual.set(idOf(item), item)
  }
  return actual
}

function isOfType<T extends ResourceTypeName>(
  resource: {readonly type: ResourceTypeName},
  type: T,
): resource is DesiredState<T> {
  return resource.type === type
}

function isEnabled(api: string, actual: ReadonlyMap<string, ActualState>): boolean {
  const services = [...actual.values()].find(({type}) => type === 'api')
  return services?.fields[api] === 'enabled'
}
