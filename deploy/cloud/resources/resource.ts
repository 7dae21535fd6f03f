import {type Reference, resolveReference} from './reference.ts'
import type {ActualSpecs, Specs} from './specs.ts'

export const resourceTypeNames = [
  'api',
  'service-account',
  'secret',
  'ledger',
  'dataset-access',
  'topic',
  'function',
  'subscription',
  'binding',
  'schedule',
  'log-metric',
  'channel',
  'alert-policy',
  'dashboard',
  'legacy-job',
] as const
export type ResourceTypeName = (typeof resourceTypeNames)[number]

/** Names and values as they are shown for review, and compared: text against text. */
export type Fields = Readonly<Record<string, string>>

/** Fields that may refer to what other things will be called. */
export type DesiredFields = Readonly<Record<string, string | Reference>>

/** A resource as it must be. */
export type DesiredState<T extends ResourceTypeName = ResourceTypeName> = {
  [K in T]: {
    readonly type: K
    /** Unique within its type. */
    readonly name: string
    readonly fields: DesiredFields
    /** Why this command may not create or change it now, with what to do; absent: it may. */
    readonly withheld?: string
    /** Ids of what must be there first. */
    readonly after: readonly string[]
  } & (K extends keyof Specs ? {readonly spec: Specs[K]} : unknown)
}[T]

/** A resource as it is. */
export type ActualState<T extends ResourceTypeName = ResourceTypeName> = {
  [K in T]: {
    readonly type: K
    readonly name: string
    readonly fields: Fields
    /** What Google calls it, where that isn't one of our names. */
    readonly address?: string
  } & (K extends keyof ActualSpecs ? {readonly spec: ActualSpecs[K]} : unknown)
}[T]

export type Change = {readonly field: string; readonly from: string | undefined; readonly to: string | undefined}

export function idOf({type, name}: {readonly type: ResourceTypeName; readonly name: string}): string {
  return `${type} ${name}`
}

/** The fields that differ; a field that only one side has differs as well. */
export function changesBetween(from: Fields, to: Fields): Change[] {
  const names = [...new Set([...Object.keys(to), ...Object.keys(from)])]
  return names.filter(field => from[field] !== to[field]).map(field => ({field, from: from[field], to: to[field]}))
}

/** Puts in the addresses that are known; the rest is shown as what it refers to. */
export function resolveFields(fields: DesiredFields, addresses: ReadonlyMap<string, string>): Fields {
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, resolveReference(value, addresses)]))
}
