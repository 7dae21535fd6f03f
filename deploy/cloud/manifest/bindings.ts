import {bindingName} from '../resources/binding.ts'
import type {DesiredState} from '../resources/resource.ts'
import type {BindingSpec} from '../resources/specs.ts'

/** A permission as a resource. */
export function bindingResource(spec: BindingSpec, after: readonly string[]): DesiredState {
  return {type: 'binding', name: bindingName(spec), fields: {}, spec, after}
}

export function bindingId(spec: BindingSpec): string {
  return `binding ${bindingName(spec)}`
}
