import {toMessageText} from '../../../lib/log/error-text.ts'
import {GcloudError} from '../gcloud/gcloud-error.ts'
import type {Plan, Step} from './plan.ts'

export type StepResult = {
  readonly id: string
  readonly state: 'done' | 'failed' | 'not tried'
  /** Why not. */
  readonly reason?: string
  readonly seconds?: number
}

/** At a time: more and Google's own limits slow everything down. */
const concurrency = 4

/**
 * Applies a plan: what depends on nothing first, and whatever fails blocks only what needs it.
 *
 * @param options.applyStep applies one step.
 * @param options.signal no further step starts; those that are running end as `applyStep` sees fit.
 */
export async function applySteps(
  plan: Plan,
  options: {
    readonly applyStep: (step: Step) => Promise<void>
    readonly signal: AbortSignal
    readonly now: () => Date
    readonly describeError?: (error: unknown) => string
    readonly onChange: (results: readonly StepResult[], running: readonly string[]) => void
  },
): Promise<readonly StepResult[]> {
  const {applyStep, signal, now, describeError = toMessageText, onChange} = options
  const results = new Map<string, StepResult>()
  const waiting = new Map(plan.steps.map(step => [step.id, step]))
  const unavailable = new Map(plan.missing.map(({id}) => [id, `${id} is missing`]))
  const running = new Map<string, Promise<void>>()
  const locks = new Set<string>()

  const end = (result: StepResult) => {
    results.set(result.id, result)
    // What depends on it gets the first cause, not the last link.
    const cause = result.state === 'failed' ? `${result.id} failed` : (result.reason ?? '')
    if (result.state !== 'done') unavailable.set(result.id, cause)
    onChange([...results.values()], [...running.keys()])
  }
  const start = (step: Step) => {
    waiting.delete(step.id)
    if (step.lock !== undefined) locks.add(step.lock)
    const startedAt = now().getTime()
    const work = async () => {
      try {
        await applyStep(step)
        return {id: step.id, state: 'done' as const, seconds: (now().getTime() - startedAt) / 1000}
      } catch (error) {
        const interrupted = error instanceof GcloudError && error.kind === 'interrupted'
        return {id: step.id, state: 'failed' as const, reason: interrupted ? 'interrupted' : describeError(error)}
      }
    }
    const finished = work().then(result => {
      running.delete(step.id)
      if (step.lock !== undefined) locks.delete(step.lock)
      end(result)
    })
    running.set(step.id, finished)
    onChange([...results.values()], [...running.keys()])
  }

  while (waiting.size > 0 || running.size > 0) {
    for (const step of [...waiting.values()]) {
      const obstacle = step.after.find(id => unavailable.has(id))
      if (obstacle !== undefined || signal.aborted) {
        waiting.delete(step.id)
        end({
          id: step.id,
          state: 'not tried',
          reason: signal.aborted ? 'interrupted' : (unavailable.get(obstacle ?? '') ?? ''),
        })
      } else if (
        running.size < concurrency &&
        !(step.lock !== undefined && locks.has(step.lock)) &&
        step.after.every(id => !waiting.has(id) && !running.has(id))
      ) {
        start(step)
      }
    }
    if (running.size > 0) await Promise.race(running.values())
    else if (waiting.size > 0 && ![...waiting.values()].some(step => isReady(step, waiting, unavailable))) {
      throw new Error(`steps wait for each other: ${[...waiting.keys()].join(', ')}`)
    }
  }
  return plan.steps.map(({id}) => results.get(id) ?? {id, state: 'not tried' as const})
}

function isReady(step: Step, waiting: ReadonlyMap<string, Step>, unavailable: ReadonlyMap<string, string>): boolean {
  return step.after.every(id => !waiting.has(id)) || step.after.some(id => unavailable.has(id))
}
