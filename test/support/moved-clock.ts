import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'

const script = new URL('./jumping-clock.mjs', import.meta.url).href
const SystemDate = Date

/** The same moment for this process and for functions that a sandbox starts. Timers go by another clock, as always. */
export type MovedClock = {
  /** For the sandbox's functions. */
  readonly functionEnv: Readonly<Record<string, string>>
  /** Moves this process's own clock, too. */
  readonly move: () => void
  readonly restore: () => void
}

/** A clock that goes on from a moment: at once for functions that get `functionEnv`, here once it is moved. */
export async function createMovedClock(moment: string, folder: string): Promise<MovedClock> {
  const offset = SystemDate.parse(moment) - SystemDate.now()
  const file = join(folder, 'clock-offset')
  await writeFile(file, String(offset))
  class MovedDate extends SystemDate {
    constructor(...args: [] | [string | number | Date]) {
      if (args.length === 0) super(SystemDate.now() + offset)
      else super(...args)
    }

    static override now(): number {
      return SystemDate.now() + offset
    }
  }
  return {
    functionEnv: {NODE_OPTIONS: `--import=${script}`, CLOCK_FILE: file},
    move: () => void Object.assign(globalThis, {Date: MovedDate}),
    restore: () => void Object.assign(globalThis, {Date: SystemDate}),
  }
}
