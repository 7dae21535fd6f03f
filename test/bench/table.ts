import {cpus, totalmem} from 'node:os'
import {type Goal, type Row, verdictOf} from './row.ts'

/** A table that can stand in README as it is. */
export function formatTable(rows: readonly Row[]): string {
  const cells = [
    ['What', 'Baseline', 'Goal', 'Figure', 'Ratio or value', 'Verdict'],
    ...rows.map(row => [
      row.note === undefined ? row.what : `${row.what} (${row.note})`,
      row.baseline,
      formatGoal(row.goal),
      row.figure,
      row.value === undefined ? '–' : formatValue(row.value, row.goal.unit),
      verdictOf(row),
    ]),
  ]
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map(line => line[column]?.length ?? 0))) ?? []
  const lines = cells.map(line => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`)
  lines.splice(1, 0, `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`)
  return lines.join('\n')
}

/** What the figures depend on besides the code. */
export function describeMachine(now: Date): string {
  const [cpu] = cpus()
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  return `${now.toISOString().slice(0, 10)}, ${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${gigabytes} GB, Node ${process.versions.node}`
}

function formatGoal({limit, is, unit}: Goal): string {
  return `${is === 'at most' ? '≤' : '≥'} ${formatValue(limit, unit)}`
}

function formatValue(value: number, unit = ''): string {
  const text = Number.isInteger(value)
    ? String(value)
    : value >= 20
      ? value.toFixed(0)
      : value >= 2
        ? value.toFixed(1)
        : value.toFixed(3)
  return unit === '' ? text : `${text} ${unit}`
}
