/** The service's instances: how many there are, and which of them works on a request. */
export type Instances = {
  /** From now on; an instance that is taken away finishes what it was given. */
  readonly set: (count: number) => void
  readonly count: () => number
  /** Requests that were given to some instance and aren't done, the one being worked on included. */
  readonly waiting: () => number
  /** Gives work to the instance with the fewest requests, which does one after another. */
  readonly run: <T>(work: () => Promise<T>) => Promise<T>
}

type Instance = {requests: number; last: Promise<unknown>}

/**
 * One process each, whose routes block: a request that reaches an instance waits for all that came before it there, and
 * stays there when more instances come. Health checks wait too, in the real service; here they don't.
 *
 * @param count Infinity: no request waits for another.
 */
export function createInstances(count: number): Instances {
  let wanted = count
  const all: Instance[] = []

  return {
    set(value) {
      wanted = value
    },
    count: () => wanted,
    waiting: () => all.reduce((sum, {requests}) => sum + requests, 0),
    run(work) {
      const instance = leastBusy()
      instance.requests += 1
      const done = instance.last.then(work)
      instance.last = done.then(leave, leave)
      return done

      function leave(): void {
        instance.requests -= 1
      }
    },
  }

  function leastBusy(): Instance {
    const ready = all.slice(0, wanted).toSorted((a, b) => a.requests - b.requests)[0]
    if (ready !== undefined && (ready.requests === 0 || all.length >= wanted)) return ready
    const started = {requests: 0, last: Promise.resolve()}
    all.push(started)
    return started
  }
}
