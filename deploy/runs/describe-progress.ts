import type {Counts} from '../../lib/job/outcome.ts'
import {toWords} from '../cli/plain-text.ts'
import {nextDeliveryAt, type RetrySpacing} from './retry-delay.ts'
import type {RunProgress} from './run-progress.ts'
import {toShortReason} from './short-reason.ts'

/** What else the description of a run's progress depends on. */
export type ProgressView = {
  /** Since it was published. */
  readonly seconds: number
  readonly now: Date
  readonly maxAttempts: number | undefined
  readonly spacing: RetrySpacing
}

/** How far a run is, in one line that ends with the seconds since it was published. */
export function describeProgress(progress: RunProgress, view: ProgressView): string {
  const {seconds} = view
  const since = `${Math.floor(seconds)} s`
  switch (progress.state) {
    case 'waiting':
      return seconds < 30
        ? `published, waiting for the function, ${since}`
        : `nothing of it is in the run ledger yet, ${since}`
    case 'running': {
      const part = progress.part > 1 ? `, part ${progress.part}` : ''
      const trouble = progress.trouble === undefined ? '' : `, ${describeTrouble(progress.trouble)}`
      return `running, attempt ${progress.attempt}${part}${describeCounts(progress.counts, seconds)}${trouble}, ${since}`
    }
    case 'retrying': {
      const of = view.maxAttempts === undefined ? '' : ` of ${view.maxAttempts}`
      return `attempt ${progress.failures}${of} failed: ${toShortReason(progress.reason)}, ${describeNext(progress, view)}, ${since}`
    }
    case 'continuing':
      return `continuing with part ${progress.part}${describeCounts(progress.counts, seconds)}, ${since}`
    case 'over':
      return `over, ${since}`
  }
}

/** What a new line is worth where each is printed once: another state, attempt or part, or a tenth more done. */
export function progressState(progress: RunProgress, seconds: number): string {
  switch (progress.state) {
    case 'waiting':
      return seconds < 30 ? 'waiting' : 'waiting for long'
    case 'running': {
      const {done = 0, total = 0} = progress.counts
      // What a long run repeats comes and goes; its tenths say enough.
      const how = total > 0 ? Math.floor((done / total) * 10) : progress.trouble === undefined ? '' : 'trouble'
      return `running ${progress.attempt} ${progress.part} ${how}`
    }
    case 'retrying':
      return `retrying ${progress.failures} ${progress.part}`
    case 'continuing':
      return `continuing ${progress.part}`
    case 'over':
      return 'over'
  }
}

/** `<operation>: try 2 of 7 failed: <reason>`, the reason short. */
function describeTrouble(trouble: string): string {
  const [, head = '', reason = trouble] = /^(.*?: try \d+ of \d+ failed: )(.*)$/s.exec(trouble) ?? []
  return `${head}${toShortReason(reason)}`
}

function describeNext({failedAt, failures}: {failedAt: Date; failures: number}, {now, spacing}: ProgressView): string {
  const left = Math.ceil((nextDeliveryAt(failedAt, failures, spacing).getTime() - now.getTime()) / 1000)
  return left > 0 ? `next in ${left} s` : 'next attempt due'
}

/** `done` of `total` as a bar with a rate and what is left; other counts by name. */
function describeCounts(counts: Counts, seconds: number): string {
  const {done, total, ...others} = counts
  const named = Object.entries(others).map(([name, count]) => `, ${count} ${toWords(name)}`)
  if (done === undefined || total === undefined || total === 0) return named.join('')
  const share = Math.min(1, done / total)
  const bar = '█'.repeat(Math.round(share * 20)).padEnd(20, '░')
  const rate = done / Math.max(1, seconds)
  const left = rate > 0 && done < total ? `, about ${Math.ceil((total - done) / rate)} s left` : ''
  return ` ${bar} ${done} of ${total}, ${rate.toFixed(1)}/s${left}${named.join('')}`
}
