import type {SandboxFault, ServiceName} from '../local/control/protocol.ts'
import type {CheckResult} from './check-result.ts'

const fix = 'npm run faults -- local clear'

/** The faults that are injected into the sandbox; without any there is no line. */
export function checkFaults(faults: readonly SandboxFault[]): readonly CheckResult[] {
  if (faults.length === 0) return []
  const texts = faults.map(({fault, left}) => (left === null ? fault : `${fault} (${left} left)`))
  return [{what: 'faults', state: 'notice', detail: texts.join('; '), fix}]
}

/** Where a fault of the service explains what was found, clearing it is the fix. */
export function withFaultFix(result: CheckResult, faults: readonly SandboxFault[], service: ServiceName): CheckResult {
  if (result.state === 'ok' || !faults.some(({fault}) => meetsChecks(fault, service))) return result
  return {...result, fix}
}

/** No check asks about one organization, or is made by a function that could be killed. */
function meetsChecks(fault: string, service: ServiceName): boolean {
  return fault.startsWith(`${service}:`) && !fault.includes('@') && !fault.startsWith(`${service}:kill`)
}
