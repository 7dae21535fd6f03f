import {toMessageText} from '../../lib/log/error-text.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'

/** `notice`: intended, but worth knowing. `unknown`: could not be checked. */
export type CheckState = 'ok' | 'notice' | 'wrong' | 'unknown'

/** One thing that a run needs, and how it is. */
export type CheckResult = {
  readonly what: string
  readonly state: CheckState
  readonly detail: string
  /** What to do about it. */
  readonly fix?: string
}

/** Looks at one or more things. What it throws becomes a finding of its own. */
export type Check = {readonly what: string; readonly look: (signal: AbortSignal) => Promise<readonly CheckResult[]>}

/** None of them may hold up the others. Reading a project with gcloud takes half a minute on a small machine. */
const maxCheckSeconds = 180

/** Receives how far the checks are. */
export type CheckWatch = {
  /** Which of them are not done yet, each time that one is. */
  readonly onPending: (whats: readonly string[]) => void
  /** The results of one more check, in the order of the checks: as soon as those before it are known, too. */
  readonly onResults: (results: readonly CheckResult[]) => void
}

/** Looks at everything at once; the findings come in the order of the checks. */
export async function runChecks(
  checks: readonly Check[],
  signal: AbortSignal,
  watch?: CheckWatch,
): Promise<readonly CheckResult[]> {
  const known = checks.map((): readonly CheckResult[] | undefined => undefined)
  let shown = 0
  const take = (index: number, results: readonly CheckResult[]) => {
    known[index] = results
    watch?.onPending(checks.flatMap(({what}, each) => (known[each] === undefined ? [what] : [])))
    for (let next = known[shown]; next !== undefined; next = known[shown]) {
      watch?.onResults(next)
      shown += 1
    }
    return results
  }
  const results = await Promise.all(checks.map(async (check, index) => take(index, await runCheck(check, signal))))
  return results.flat()
}

async function runCheck({what, look}: Check, signal: AbortSignal): Promise<readonly CheckResult[]> {
  signal.throwIfAborted()
  const timeout = AbortSignal.timeout(maxCheckSeconds * 1000)
  const either = AbortSignal.any([signal, timeout])
  try {
    return await Promise.race([look(either), whenAborted(either)])
  } catch (error) {
    signal.throwIfAborted()
    const why = timeout.aborted ? `no answer within ${maxCheckSeconds} s` : toMessageText(error)
    return [{what, state: 'unknown', detail: toPrintableLine(why, 500)}]
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), {once: true})
  })
}
