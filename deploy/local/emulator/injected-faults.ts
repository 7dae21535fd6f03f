import type {EmulatorRequest, EmulatorResponse} from './exchange.ts'

/**
 * A fault injected into an emulator. `reset-before` cuts the connection before the work is done, `reset-after` once it is
 * done, `truncate` does the work and cuts the answer in the middle, `body` does it and answers other text, `status`
 * answers without doing it, `slow` only waits, `hang` never answers, nor does anything.
 */
export type Fault = {
  /** Which requests it meets: `GET /api/v1/admin/bootstrap/status`; the path may be a regular expression, absent any. */
  readonly method?: string
  readonly path?: string | RegExp
  /** Further conditions. */
  readonly matches?: (request: EmulatorRequest) => boolean
  /** How many of them, 1 when absent. */
  readonly times?: number
  /** Waited before anything else happens. */
  readonly delayMilliseconds?: number
  /** Called when it meets a request, before anything else happens. */
  readonly onMet?: (request: EmulatorRequest) => void
  /** Its name in the output. @default its kind */
  readonly name?: string
} & (
  | {readonly kind: 'slow' | 'hang' | 'reset-before' | 'reset-after' | 'truncate'}
  | {readonly kind: 'status'; readonly response: EmulatorResponse}
  | {readonly kind: 'body'; readonly text: string}
)

export type InjectedFaults = {
  /** @returns what takes it out again. */
  readonly inject: (fault: Fault) => () => void
  /** The fault for this request, if one is due; it is then used up by one. */
  readonly take: (request: EmulatorRequest) => Fault | undefined
  /** Injected and not yet met: a test that ends with some pending has tested nothing. */
  readonly pending: () => number
  /** Those that are pending, in their order. */
  readonly list: () => {readonly name: string; readonly left: number}[]
  readonly clear: () => void
}

/** Faults to come, met in the order in which they were injected. */
export function createInjectedFaults(): InjectedFaults {
  let faults: {fault: Fault; left: number}[] = []
  return {
    inject(fault) {
      const entry = {fault, left: fault.times ?? 1}
      faults.push(entry)
      return () => {
        faults = faults.filter(other => other !== entry)
      }
    },
    take(request) {
      const found = faults.find(({fault}) => isMatch(fault, request))
      if (found === undefined) return undefined
      found.left -= 1
      faults = faults.filter(({left}) => left > 0)
      return found.fault
    },
    pending: () => faults.reduce((sum, {left}) => sum + left, 0),
    list: () => faults.map(({fault, left}) => ({name: fault.name ?? fault.kind, left})),
    clear: () => {
      faults = []
    },
  }
}

function isMatch({method, path, matches}: Fault, request: EmulatorRequest): boolean {
  const {pathname} = request.url
  if (method !== undefined && method !== request.method) return false
  if (typeof path === 'string' ? path !== pathname : path !== undefined && !path.test(pathname)) return false
  return matches === undefined || matches(request)
}
