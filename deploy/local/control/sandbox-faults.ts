import type {EmulatorRequest, EmulatorResponse} from '../emulator/exchange.ts'
import type {Fault, InjectedFaults} from '../emulator/injected-faults.ts'
import type {FaultSpec} from './fault-spec.ts'
import {type SandboxFault, type ServiceName, serviceNames} from './protocol.ts'

/** The faults of a rehearsal, over all emulators. */
export type SandboxFaults = {
  readonly add: (spec: FaultSpec) => void
  readonly list: () => SandboxFault[]
  readonly clear: () => void
}

const statusReasons: Readonly<Record<number, string>> = {
  400: 'invalid',
  401: 'authError',
  403: 'accessDenied',
  404: 'notFound',
  409: 'duplicate',
  429: 'rateLimitExceeded',
}

/** @param kill ends a function's process as a crash does. */
export function createSandboxFaults(
  services: Readonly<Record<ServiceName, InjectedFaults>>,
  kill: (functionName: string) => void,
): SandboxFaults {
  let pending: {readonly spec: FaultSpec; left: number; readonly removals: (() => void)[]}[] = []

  function forget(entry: (typeof pending)[number]): void {
    for (const remove of entry.removals) remove()
    pending = pending.filter(other => other !== entry)
  }

  return {
    add(spec) {
      const entry: (typeof pending)[number] = {spec, left: spec.times, removals: []}
      const {target} = spec
      const names = 'service' in target ? [target.service] : serviceNames
      for (const name of names) {
        const fault: Fault = {
          ...toFault(spec, name),
          name: spec.text,
          // One count for all emulators together.
          times: Number.POSITIVE_INFINITY,
          matches: request => entry.left > 0 && isMeant(spec, name, request),
          onMet({caller}) {
            entry.left -= 1
            if (entry.left <= 0) forget(entry)
            if (spec.effect.kind === 'kill' && caller !== undefined) kill(caller)
          },
        }
        entry.removals.push(services[name].inject(fault))
      }
      pending.push(entry)
    },
    list: () => pending.map(({spec, left}) => ({fault: spec.text, left: Number.isFinite(left) ? left : null})),
    clear() {
      for (const entry of pending) forget(entry)
    },
  }
}

/** A command reads the ledger ten times a second while it waits: the ledger's faults are for functions. */
function isMeant({target, orgSlug, effect}: FaultSpec, service: ServiceName, request: EmulatorRequest): boolean {
  const {caller, method, url, body} = request
  const isOfLedger = /job_runs|scheduler_jobs/.test(body)
  if ('functionName' in target) {
    if (caller !== target.functionName) return false
    // BigQuery is the ledger's, and also what the quota clean-up works on: its statements, not the ledger's.
    if (service === 'ledger' && (method !== 'POST' || isOfLedger)) return false
  } else if ((service === 'ledger' || effect.kind === 'kill') && caller === undefined) return false
  if (orgSlug === undefined) return true
  return url.pathname.split('/').includes(orgSlug) || body.includes(`"${orgSlug}"`)
}

function toFault({effect}: FaultSpec, service: ServiceName): Fault {
  if (effect.kind === 'status') return {kind: 'status', response: toRefusal(service, effect.status)}
  if (effect.kind === 'slow') return {kind: 'slow', delayMilliseconds: effect.milliseconds}
  // The call is under way when the function dies, and is carried out.
  if (effect.kind === 'kill') return {kind: 'slow'}
  return {kind: effect.kind === 'down' ? 'reset-before' : effect.kind}
}

/** A refusal in the service's own form. */
function toRefusal(service: ServiceName, status: number): EmulatorResponse {
  const message = `injected fault: ${status}`
  if (service === 'supabase') return {status, body: {message}}
  if (service === 'api') return {status, body: {detail: message, ...(status === 429 ? {retry_after: 1} : {})}}
  const reason = statusReasons[status] ?? (status >= 500 ? 'backendError' : 'invalid')
  return {status, body: {error: {code: status, message, errors: [{message, domain: 'global', reason}], status: reason}}}
}
