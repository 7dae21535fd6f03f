import {resolveAddresses} from '../resources/address.ts'
import {type Change, type Command, changesBetween, type Desired, type Found, idOf} from '../resources/resource.ts'
import {kinds} from '../resources/resource-types.ts'

/** One line of a plan that changes something. */
export type Step = {
  readonly id: string
  /** `replace`: what changed can't be changed in place, so it is taken away and made anew. */
  readonly action: 'create' | 'change' | 'replace' | 'remove'
  readonly resource: Desired
  readonly changes: readonly Change[]
  readonly after: readonly string[]
  readonly lock: string | undefined
  /** @param addresses what is known by the time the step's turn comes. */
  readonly commands: (addresses: ReadonlyMap<string, string>) => readonly Command[]
}

export type Plan = {
  readonly steps: readonly Step[]
  readonly kept: readonly string[]
  /** What only a person can bring about. */
  readonly missing: readonly {readonly id: string; readonly fix: string}[]
  /** There, and ours by name, but in no declaration: left alone. */
  readonly undeclared: readonly {readonly id: string; readonly removeWith: string}[]
  /** Left by what this service replaces: taken away only with --remove-legacy. */
  readonly legacy: readonly string[]
  readonly addresses: ReadonlyMap<string, string>
}

/** What differs between what is declared and what is there. Pure. */
export function planChanges(
  manifest: readonly Desired[],
  found: ReadonlyMap<string, Found>,
  options: {readonly projectId: string; readonly removeLegacy: boolean},
): Plan {
  const {projectId, removeLegacy} = options
  const addresses = new Map([...found].flatMap(([id, {handle}]) => (handle === undefined ? [] : [[id, handle]])))
  const steps: Step[] = []
  const kept: string[] = []
  const missing: {id: string; fix: string}[] = []
  for (const declared of manifest) {
    const id = idOf(declared)
    if (declared.withheld !== undefined) {
      missing.push({id, fix: declared.withheld})
      continue
    }
    const present = found.get(id)
    const {fields} = resolveAddresses(declared, addresses)
    const changes = changesBetween(present?.fields ?? {}, fields)
    if (present !== undefined && changes.length === 0) {
      kept.push(id)
      continue
    }
    if (present !== undefined && !removeLegacy && (kinds[declared.kind].isLegacy?.(present) ?? false)) {
      missing.push({
        id,
        fix: `what this service replaces still has this name: --remove-legacy puts the new one there`,
      })
      continue
    }
    const step = toStep({...declared, fields}, {declared, present, changes, projectId})
    if (step === undefined) missing.push({id, fix: fixFor(declared, projectId)})
    else steps.push(step)
  }
  const declaredIds = new Set(manifest.map(idOf))
  const others = [...found.values()].filter(item => !declaredIds.has(idOf(item)))
  const legacy = others.filter(item => kinds[item.kind].isLegacy?.(item) ?? false)
  if (removeLegacy) steps.push(...legacy.map(toRemoval))
  return {
    steps,
    kept,
    missing,
    undeclared: others
      .filter(item => !legacy.includes(item))
      .map(item => ({id: idOf(item), removeWith: removal(item)})),
    legacy: removeLegacy ? [] : legacy.map(idOf),
    addresses,
  }
}

function toStep(
  resource: Desired,
  options: {
    readonly declared: Desired
    readonly present: Found | undefined
    readonly changes: readonly Change[]
    readonly projectId: string
  },
): Step | undefined {
  const {declared, present, changes, projectId} = options
  const {create, update, remove, lock} = kinds[resource.kind]
  const common = {id: idOf(resource), resource, changes, after: resource.after, lock: lock?.(resource)}
  if (present === undefined) {
    if (create(resource, projectId).length === 0) return undefined
    return {...common, action: 'create', commands: known => create(resolveAddresses(declared, known), projectId)}
  }
  if (update?.(resource, changes, present) !== undefined) {
    const commands: Step['commands'] = known => update(resolveAddresses(declared, known), changes, present) ?? []
    return {...common, action: 'change', commands}
  }
  if (remove === undefined) return undefined
  return {
    ...common,
    action: 'replace',
    commands: known => [...remove(present), ...create(resolveAddresses(declared, known), projectId)],
  }
}

function toRemoval(item: Found): Step {
  const {kind, name, fields} = item
  return {
    id: idOf(item),
    action: 'remove',
    resource: {kind, name, fields, after: []},
    changes: [],
    after: [],
    lock: undefined,
    commands: () => kinds[kind].remove?.(item) ?? [],
  }
}

function fixFor(resource: Desired, projectId: string): string {
  return kinds[resource.kind].fix?.(resource, projectId) ?? 'this command can not make it'
}

function removal(item: Found): string {
  const commands = kinds[item.kind].remove?.(item) ?? []
  return commands.map(command => ('gcloud' in command ? `gcloud ${command.gcloud.join(' ')}` : '')).join('; ')
}
