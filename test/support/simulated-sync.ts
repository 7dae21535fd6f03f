import sinon from 'sinon'
import type {Outcome} from '../../lib/job/outcome.ts'
import {createSerialApi, type SerialLoad} from './serial-api.ts'
import {runSyncPart} from './sync-part.ts'

/** As the function's time limit of 540 s gives them. */
const signalSeconds = 510
const windDownSeconds = 450
const maxParts = 100

export type SimulatedSync = {
  readonly outcome: Outcome
  readonly parts: number
  /** What each part but the last left for the next. */
  readonly continuations: readonly Readonly<Record<string, unknown>>[]
  readonly sent: ReadonlyMap<string, readonly number[]>
  readonly seconds: number
  readonly timeouts: number
  readonly interruptions: number
  readonly maxInFlight: number
}

/** Runs all parts of org-sync-all against serial workers, on a clock that needs no time. */
export async function simulateSync(
  load: SerialLoad,
  given: {readonly args?: Readonly<Record<string, unknown>>} = {},
): Promise<SimulatedSync> {
  const clock = sinon.useFakeTimers({
    now: Date.UTC(2026, 10, 23),
    toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
  })
  try {
    const api = createSerialApi(load)
    const continuations: Readonly<Record<string, unknown>>[] = []
    let args = given.args ?? {}
    for (let parts = 1; parts <= maxParts; parts += 1) {
      const windDown = new AbortController()
      const timers = [
        setTimeout(() => windDown.abort(new Error('the time is nearly up')), windDownSeconds * 1000),
        setTimeout(api.cutOff, signalSeconds * 1000),
      ]
      const deadline = new Date(Date.now() + signalSeconds * 1000)
      let isOver = false
      const part = runSyncPart(api, {args, windDown: windDown.signal, deadline}).finally(() => {
        isOver = true
      })
      while (!isOver) await clock.nextAsync()
      const {outcome} = await part
      for (const timer of timers) clearTimeout(timer)
      if (outcome.event !== 'continued') {
        return {outcome, parts, continuations, sent: api.sent, ...api.figures()}
      }
      args = JSON.parse(JSON.stringify(outcome.next))
      continuations.push(args)
    }
    throw new Error(`not over after ${maxParts} parts`)
  } finally {
    clock.restore()
  }
}
