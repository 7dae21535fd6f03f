type Call = {
  readonly beganAt: number
  readonly endedAt: number
  /** So many were in flight at its end. */
  readonly width: number
}

/** What the last calls show. */
export type CallView = {
  readonly calls: number
  readonly callsPerSecond: number
  readonly meanSeconds: number
  readonly p95Seconds: number
}

export type CallWindow = {
  readonly add: (call: Call) => void
  /** The last calls that began since a moment; undefined while too few of them have ended. */
  readonly view: (options: {readonly since: number; readonly atLeast: number}) => CallView | undefined
  /** How long a call takes when the least waits for others: among the smallest means of the last views. */
  readonly unhurriedSeconds: (view: CallView) => number
  /**
   * What a call may take beside so many others: as long as the slowest of the last ones, had it waited for as many, and
   * a margin. Undefined while there are too few.
   */
  readonly expectedSeconds: (width: number) => number | undefined
}

const maxCalls = 100
/** A view holds so many at most: what was true a while ago doesn't count any more. */
const maxView = 16
const minMean = 8
const minExpected = 4
const maxExpected = 20
/** Of so many views the means are kept. */
const maxMeans = 60

/** Remembers how long the last calls took, and when they ended. Milliseconds go in, seconds come out. */
export function createCallWindow(): CallWindow {
  const calls: Call[] = []
  const means: number[] = []
  return {
    add(call) {
      if (Number.isNaN(call.endedAt - call.beganAt)) return
      calls.push(call)
      if (calls.length > maxCalls) calls.shift()
    },
    view({since, atLeast}) {
      const last = calls.filter(({beganAt}) => beganAt >= since).slice(-Math.max(maxView, 2 * atLeast))
      const [first] = last
      if (first === undefined || last.length < atLeast) return undefined
      const seconds = last.map(secondsOf).toSorted((a, b) => a - b)
      const meanSeconds = seconds.reduce((sum, one) => sum + one, 0) / seconds.length
      // Whenever they began: what ended in that time is what the API got done in it. The first end only opens it.
      const span = ((last.at(-1)?.endedAt ?? 0) - first.endedAt) / 1000
      const ended = calls.filter(({endedAt}) => endedAt > first.endedAt).length
      return {
        calls: last.length,
        callsPerSecond: span > 0 ? ended / span : Number.POSITIVE_INFINITY,
        meanSeconds,
        p95Seconds: seconds[Math.ceil(seconds.length * 0.95) - 1] ?? 0,
      }
    },
    unhurriedSeconds({calls, meanSeconds}) {
      // A few short ones are luck.
      if (calls >= minMean) means.push(meanSeconds)
      if (means.length > maxMeans) means.shift()
      return means.toSorted((a, b) => a - b)[Math.floor(means.length / 5)] ?? meanSeconds
    },
    expectedSeconds(width) {
      if (calls.length < minExpected) return undefined
      const margin = calls.length < maxExpected ? 1.5 : 1.2
      const last = calls.slice(-maxExpected)
      return margin * Math.max(...last.map(call => secondsOf(call) * Math.max(1, width / call.width)))
    },
  }
}

function secondsOf({beganAt, endedAt}: Call): number {
  return (endedAt - beganAt) / 1000
}
