import type {Job} from '../../../lib/job/job.ts'
import {findJob} from '../../catalogue/catalogue.ts'
import {UsageError} from '../../cli/usage-error.ts'
import {type ServiceName, serviceNames} from './protocol.ts'

/** What goes wrong: `500`, `reset-after`, `kill`, … */
export type FaultEffect =
  | {readonly kind: 'status'; readonly status: number}
  | {readonly kind: 'hang' | 'reset-before' | 'reset-after' | 'truncate' | 'kill' | 'down'}
  | {readonly kind: 'slow'; readonly milliseconds: number}

/** A fault as it is typed: `alerts:500x3`, `org-sync-all:reset-after@acme_inc`, `ledger:hang`, `alerts:kill`. */
export type FaultSpec = {
  /** As it was written, with the job's own name. */
  readonly text: string
  /** One function's requests, or everybody's to one service. */
  readonly target: {readonly functionName: string} | {readonly service: ServiceName}
  readonly effect: FaultEffect
  /** How many requests it meets; `Infinity` for `x*`. */
  readonly times: number
  /** Only requests about this organization. */
  readonly orgSlug: string | undefined
}

export const faultHelp = [
  'A fault is <job or api|ledger|supabase>:<effect>[x<times>|x*][@<organization>]',
  '',
  'Effects:',
  '  400 to 599                 that status',
  '  down                       nothing answers, until cleared',
  '  hang                       no answer, ever',
  '  reset-before, reset-after  the connection breaks, before or after the work is done',
  '  truncate                   half an answer',
  '  slow=5s                    an answer after that time',
  '  kill                       the function dies during its call, which is executed',
  '',
  'Examples: alerts:500x3, org-sync-all:reset-after@acme_inc, ledger:hang, alerts:kill',
].join('\n')

const pattern =
  /^(?<target>[a-z][a-z0-9-]*):(?<effect>[a-z0-9-]+?)(?:=(?<amount>\d+(?:\.\d+)?)(?<unit>ms|s))?(?:x(?<times>[1-9]\d{0,5}|\*))?(?:@(?<org>[a-z0-9_]{3,50}))?$/

/** @throws UsageError that says what is wrong, and the syntax. */
export function parseFaultSpec(text: string, jobs: readonly Job[]): FaultSpec {
  const {target = '', effect = '', amount, unit, times, org} = pattern.exec(text)?.groups ?? {}
  if (target === '') throw new UsageError(`${faultHelp}\n\nfault ${JSON.stringify(text)} can't be read`)
  const parsed = parseEffect(text, effect, amount === undefined ? undefined : toMilliseconds(amount, unit))
  const service = serviceNames.find(name => name === target)
  const job = service === undefined ? findJob(jobs, target) : undefined
  const count = times ?? (parsed.kind === 'down' ? '*' : '1')
  return {
    text: job === undefined ? text : text.replace(target, job.name),
    target: service === undefined ? {functionName: job?.functionName ?? ''} : {service},
    effect: parsed,
    times: count === '*' ? Number.POSITIVE_INFINITY : Number(count),
    orgSlug: org,
  }
}

function parseEffect(text: string, word: string, milliseconds: number | undefined): FaultEffect {
  if (word === 'slow' && milliseconds !== undefined) return {kind: 'slow', milliseconds}
  if (milliseconds === undefined) {
    const status = /^\d{3}$/.test(word) ? Number(word) : 0
    if (status >= 400 && status <= 599) return {kind: 'status', status}
    if (word === 'hang' || word === 'truncate' || word === 'kill' || word === 'down') return {kind: word}
    if (word === 'reset-before' || word === 'reset-after') return {kind: word}
  }
  throw new UsageError(`${faultHelp}\n\nfault ${JSON.stringify(text)} has no effect that is known`)
}

/** The longest timer is 24 days; nothing in the sandbox waits longer than an hour. */
export function toMilliseconds(amount: string, unit: string | undefined): number {
  return Math.min(Number(amount) * (unit === 's' ? 1000 : 1), 3_600_000)
}
