import type {CommandIo} from '../cli/command-io.ts'
import {createLiveLine} from '../cli/live-line.ts'
import {toShortId} from './names/short-id.ts'
import type {StepResult} from './plan/apply.ts'
import {formatResult} from './plan/deploy-report.ts'
import type {Step} from './plan/plan.ts'

/** Shows a deployment's steps as they end, what is running, and what a step waits for. */
export function createDeployProgress({stderr, terminal}: Pick<CommandIo, 'stderr' | 'terminal'>) {
  const live = createLiveLine(terminal)
  const waiting = new Map<string, string>()
  let shown = 0
  let latest: readonly string[] = []
  const show = () => {
    if (!terminal.isTTY || latest.length === 0) return
    const waits = latest.flatMap(id => waiting.get(id) ?? [])
    live.show(waits[0] === undefined ? `… ${latest.map(toShortId).join(', ')}` : `… ${waits[0]}`)
  }
  return {
    onChange(finished: readonly StepResult[], running: readonly string[]) {
      live.clear()
      for (const result of finished.slice(shown)) if (result.state !== 'not tried') stderr(formatResult(result))
      shown = finished.length
      latest = running
      show()
    },
    onWait({id}: Step, reason: string | undefined) {
      if (reason === undefined) {
        waiting.delete(id)
      } else {
        const isNew = !waiting.has(id)
        waiting.set(id, `${toShortId(id)} waits, ${reason}`)
        // Without a terminal, one line for each thing that waits, not one for each try.
        if (isNew && !terminal.isTTY) stderr(`… ${waiting.get(id)}`)
      }
      show()
    },
    clear: live.clear,
  }
}
