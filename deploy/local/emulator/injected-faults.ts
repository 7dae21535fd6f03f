import type {EmulatorResponse} from './exchange.ts'

/**
 * A fault ordered from a stand-in. `reset-before` cuts the connection before the work is done, `reset-after` once it is
 * done, `truncate` does the work and cuts the answer in the middle, `body` does it and answers other text, `status`
 * answers without doing it, `slow` only waits.
 */
export type Fault = {
  /** Which requests it meets: `GET /api/v1/admin/bootstrap/status`; the path may be a regular expression. */
  readonly method?: string
  readonly path: string | RegExp
  /** How many of them, 1 when absent. */
  readonly times?: number
  /** Waited before anything else happens. */
  readonly delayMilliseconds?: number
} & (
  | {readonly kind: 'slow' | 'reset-before' | 'reset-after' | 'truncate'}
  | {readonly kind: 'status'; readonly response: EmulatorResponse}
  | {readonly kind: 'body'; readonly text: string}
)

export type InjectedFaults = {
  readonly order: (fault: Fault) => void
  /** The fault for this request, if one is due; it is then used up by one. */
  readonly take: (method: string, path: string) => Fault | undefined
  /** Ordered and not yet met: a test that ends with some left has tested nothing. */
  readonly left: () => number
  readonly clear: () => void
}

/** Faults to come, met in the order in which they were ordered. */
export function createInjectedFaults(): InjectedFaults {
  let orders: {fault: Fault; left: number}[] = []
  return {
    order: fault => void orders.push({fault, left: fault.times ?? 1}),
    take(method, path) {
      const order = orders.find(({fault}) => (fault.method ?? method) === method && isMatch(fault.path, path))
      if (order === undefined) return undefined
      order.left -= 1
      orders = orders.filter(({left}) => left > 0)
      return order.fault
    },
    left: () => orders.reduce((sum, {left}) => sum + left, 0),
    clear: () => {
      orders = []
    },
  }
}

function isMatch(wanted: string | RegExp, path: string): boolean {
  return typeof wanted === 'string' ? wanted === path : wanted.test(path)
}
