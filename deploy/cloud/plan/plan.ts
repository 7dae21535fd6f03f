import type {Command} from '../resources/command.ts'
import {
  type ActualState,
  type Change,
  changesBetween,
  type DesiredState,
  type Fields,
  idOf,
  type ResourceTypeName,
  resolveFields,
} from '../resources/resource.ts'
import type {ResourceType} from '../resources/resource-type.ts'
import {typeNamed} from '../resources/resource-types.ts'

/** One line of a plan that changes something: data, which can be shown, compared and applied. */
export type Step = {
  readonly id: string
  /** `replace`: what changed can't be changed in place, so it is removed and created. */
  readonly action: 'create' | 'change' | 'replace' | 'remove'
  readonly type: ResourceTypeName
  readonly name: string
  /** As they are shown: addresses that are not known yet are named. */
  readonly fields: Fields
  readonly changes: readonly Change[]
  readonly after: readonly string[]
  readonly lock: string | undefined
  /** How Google's refusals name the resource. */
  readonly knownAs: string
  readonly commands: readonly Command[]
  /** What a person does if it turns out that what the step needs doesn't exist. */
  readonly fix: string | undefined
}

export type Plan = {
  readonly steps: readonly Step[]
  readonly kept: readonly string[]
  /** What only a person can bring about. */
  readonly missing: readonly {readonly id: string; readonly fix: string}[]
  /** There, and ours by name, but in no declaration: left alone. */
  readonly undeclared: readonly {readonly id: string; readonly removeWith: string}[]
  /** Left by what this service replaces: removed only with --remove-legacy. */
  readonly legacy: readonly string[]
  /** What stays as it is deployed although nothing declares it. */
  readonly notes: readonly string[]
  readonly addresses: ReadonlyMap<string, string>
}

type Options = {readonly projectId: string; readonly removeLegacy: boolean}

type Draft = {steps: Step[]; kept: string[]; missing: {id: string; fix: string}[]; notes: Set<string>}

/** What differs between what is declared and what exists. Pure. */
export function planChanges(
  manifest: readonly DesiredState[],
  actual: ReadonlyMap<string, ActualState>,
  options: Options,
): Plan {
  const addresses = new Map([...actual].flatMap(([id, {address}]) => (address === undefined ? [] : [[id, address]])))
  const draft: Draft = {steps: [], kept: [], missing: [], notes: new Set()}
  for (const desired of manifest) planOne(desired, {actual: actual.get(idOf(desired)), addresses, draft, options})
  const declaredIds = new Set(manifest.map(idOf))
  const others = [...actual.values()].filter(item => !declaredIds.has(idOf(item)))
  const legacy = others.filter(isLegacy)
  return {
    steps: [...draft.steps, ...(options.removeLegacy ? legacy.map(toRemoval) : [])],
    kept: draft.kept,
    missing: draft.missing,
    notes: [...draft.notes],
    undeclared: others
      .filter(item => !legacy.includes(item))
      .map(item => ({id: idOf(item), removeWith: removalText(item)})),
    legacy: options.removeLegacy ? [] : legacy.map(idOf),
    addresses,
  }
}

function planOne<T extends ResourceTypeName>(
  declared: DesiredState<T>,
  context: {
    readonly actual: ActualState | undefined
    readonly addresses: ReadonlyMap<string, string>
    readonly draft: Draft
    readonly options: Options
  },
): void {
  const {addresses, draft, options} = context
  const {projectId} = options
  const type = typeNamed<T>(declared.type)
  const id = idOf(declared)
  const actual = isOfType(context.actual, declared.type) ? context.actual : undefined
  const {desired, notes} = (actual && type.keep?.(declared, actual)) ?? {desired: declared, notes: []}
  for (const note of notes) draft.notes.add(note)
  const fields = resolveFields(desired.fields, addresses)
  const changes = changesBetween(actual?.fields ?? {}, fields)
  const decision = decide(type, {desired, actual, changes, options})
  if (decision === 'keep') return void draft.kept.push(id)
  if ('fix' in decision) return void draft.missing.push({id, fix: decision.fix})
  draft.steps.push({
    id,
    ...decision,
    type: desired.type,
    name: desired.name,
    fields,
    changes,
    after: desired.after,
    lock: type.lock?.(desired),
    knownAs: type.knownAs?.(desired, projectId) ?? desired.name,
    fix: type.fix?.(desired, projectId),
  })
}

/** What becomes of one declared resource: it is kept, changed, or a person has to do something. */
function decide<T extends ResourceTypeName>(
  type: ResourceType<T>,
  context: {
    readonly desired: DesiredState<T>
    readonly actual: ActualState<T> | undefined
    readonly changes: readonly Change[]
    readonly options: Options
  },
): 'keep' | {readonly fix: string} | Pick<Step, 'action' | 'commands'> {
  const {desired, actual, changes, options} = context
  const {projectId, removeLegacy} = options
  if (desired.withheld !== undefined) return {fix: desired.withheld}
  const missing = {fix: type.fix?.(desired, projectId) ?? "this command can't create it"}
  const create = () => type.create(desired, projectId)
  if (actual === undefined) return create().length === 0 ? missing : {action: 'create', commands: create()}
  // A new commit that leaves a function's bundle as it was is no reason to deploy it.
  const isOnlyVersion = desired.type === 'function' && changes.every(({field}) => field === 'version')
  if (changes.length === 0 || isOnlyVersion) return 'keep'
  const conflict = type.conflict?.(actual)
  if (conflict !== undefined) return {fix: conflict}
  if (!removeLegacy && (type.isLegacy?.(actual) ?? false)) {
    return {fix: 'what this service replaces still has this name: --remove-legacy puts the new one there'}
  }
  const update = type.update?.(desired, changes, actual)
  if (update !== undefined) return {action: 'change', commands: update}
  if (type.remove === undefined) return missing
  return {action: 'replace', commands: [...type.remove(actual), ...create()]}
}

function isOfType<T extends ResourceTypeName>(
  actual: {readonly type: ResourceTypeName} | undefined,
  type: T,
): actual is ActualState<T> {
  return actual?.type === type
}

function isLegacy<T extends ResourceTypeName>(actual: ActualState<T>): boolean {
  return typeNamed<T>(actual.type).isLegacy?.(actual) ?? false
}

function removalOf<T extends ResourceTypeName>(actual: ActualState<T>): readonly Command[] {
  return typeNamed<T>(actual.type).remove?.(actual) ?? []
}

function toRemoval(actual: ActualState): Step {
  const {type, name, fields} = actual
  return {
    id: idOf(actual),
    action: 'remove',
    type,
    name,
    fields,
    changes: [],
    after: [],
    lock: undefined,
    knownAs: name,
    commands: removalOf(actual),
    fix: undefined,
  }
}

function removalText(actual: ActualState): string {
  return removalOf(actual)
    .map(command => ('gcloud' in command ? `gcloud ${command.gcloud.join(' ')}` : ''))
    .join('; ')
}
