import {styleText} from 'node:util'
import type {CommandIo} from '../cli/command-io.ts'
import {wrapText} from '../cli/table.ts'
import {startTicking} from '../cli/ticking-line.ts'
import type {Check, CheckResult} from './check-result.ts'

const styles = {
  ok: {mark: '✔', style: 'green'},
  notice: {mark: '!', style: 'yellow'},
  wrong: {mark: '✖', style: 'red'},
  unknown: {mark: '?', style: 'yellow'},
} as const

/**
 * Prints each check's results as soon as they are known, in the order of the checks, and below them what is still being
 * checked: a line that is rewritten on a terminal, elsewhere one line at the beginning.
 */
export function createCheckProgress(checks: readonly Pick<Check, 'what'>[], io: CommandIo) {
  const width = Math.max(...checks.map(({what}) => what.length))
  const whats = checks.map(({what}) => what)
  let pending: readonly string[] = whats
  const line = startTicking(io.terminal, () => {
    // One state: elsewhere than on a terminal, the results say how far it is.
    if (!io.terminal.isTTY) return {state: `checking ${whats.join(', ')}`}
    return {
      state: `checking ${pending.join(', ')}`,
      detail: `: ${whats.length - pending.length} of ${whats.length} done`,
    }
  })
  return {
    onPending(left: readonly string[]) {
      pending = left
      if (left.length > 0) line.update()
    },
    onResults(results: readonly CheckResult[]) {
      if (results.length === 0) return
      line.pause()
      io.stdout(formatResults(results, width, io.columns))
      if (pending.length > 0) line.update()
    },
    end: line.end,
  }
}

function formatResults(results: readonly CheckResult[], width: number, columns: number | undefined): string {
  const indent = ' '.repeat(width + 4)
  const limit = columns && columns - indent.length
  return results
    .flatMap(({what, state, detail, fix}) => {
      const {mark, style} = styles[state]
      const [first = '', ...rest] = wrapText(detail, limit)
      const line = `${styleText(style, mark)} ${what.padEnd(width)}  ${first}`
      const fixes = fix === undefined ? [] : wrapText(`→ ${fix}`, limit)
      return [line, ...rest.map(part => indent + part), ...fixes.map(part => indent + styleText('gray', part))]
    })
    .join('\n')
}
