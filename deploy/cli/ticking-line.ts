import {createLiveLine, type LiveLine} from './live-line.ts'

export type TickingLine = {
  /** Shows what has changed. */
  readonly update: () => void
  /** Takes the line away, for what is printed in between; the next tick shows it again. */
  readonly pause: () => void
  readonly end: () => void
}

/** Seldom enough to read, often enough that no second is silent. */
const tickMilliseconds = 500

/**
 * A live line with the seconds since it began, for work that takes longer than an operator waits without a sign of it.
 *
 * @param describe what is being done; elsewhere than on a terminal each state is printed once, without seconds.
 */
export function startTicking(
  stream: Parameters<typeof createLiveLine>[0],
  describe: () => {readonly state: string; readonly detail?: string},
): TickingLine {
  const live: LiveLine = createLiveLine(stream)
  const started = performance.now()
  const update = () => {
    const {state, detail = ''} = describe()
    const seconds = Math.floor((performance.now() - started) / 1000)
    live.show(stream.isTTY ? `${state}${detail}, ${seconds} s` : state, state)
  }
  update()
  const ticker = setInterval(update, tickMilliseconds)
  return {
    update,
    // What was printed once elsewhere is not printed again.
    pause: () => stream.isTTY && live.clear(),
    end() {
      clearInterval(ticker)
      live.clear()
    },
  }
}

/** The same for one piece of work. */
export async function tickWhile<T>(
  stream: Parameters<typeof createLiveLine>[0],
  describe: Parameters<typeof startTicking>[1],
  work: () => Promise<T>,
): Promise<T> {
  const line = startTicking(stream, describe)
  try {
    return await work()
  } finally {
    line.end()
  }
}
