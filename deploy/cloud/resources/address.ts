import type {Desired, Fields} from './resource.ts'

/** Stands for what Google calls a thing, until that is known: a function's address, before its first deployment. */
export function addressOf(id: string): string {
  return `{address of ${id}}`
}

const placeholder = /\{address of ([^{}]+)\}/g

/** Puts in what is known by now; the rest stays, and reads well enough in a plan. */
export function resolveAddresses(resource: Desired, addresses: ReadonlyMap<string, string>): Desired {
  const resolve = (fields: Fields): Fields =>
    Object.fromEntries(
      Object.entries(fields).map(([field, value]) => [
        field,
        value.replace(placeholder, (whole, id: string) => addresses.get(id) ?? whole),
      ]),
    )
  return {
    ...resource,
    fields: resolve(resource.fields),
    ...(resource.payload === undefined ? {} : {payload: resolve(resource.payload)}),
  }
}
