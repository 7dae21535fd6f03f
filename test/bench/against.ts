import {type Row, verdictOf} from './row.ts'

/** What became of a row since a table was saved. */
export type Comparison = {
  readonly what: string
  /** `met` or `missed by 5 %`, as they stand in the table; undefined: the row is new. */
  readonly before: string | undefined
  readonly now: string
  readonly change: 'worse' | 'better' | 'same' | 'new'
}

type SavedRow = {readonly what: string; readonly verdict: string}

/**
 * Compares rows with those of a saved table: by their verdicts, since a figure belongs to its machine.
 *
 * @param markdown a file with the bench's own tables, first the newest: `.github/PERFORMANCE.md`.
 */
export function compareWithTable(rows: readonly Row[], markdown: string): Comparison[] {
  const saved = readTables(markdown)
  return rows.map(row => {
    const before = saved.find(({what}) => what === row.what || what.startsWith(`${row.what} (`))?.verdict
    const now = verdictOf(row)
    return {what: row.what, before, now, change: changeOf(before, now)}
  })
}

/** One line for each row whose verdict has changed, or that is new. */
export function describeComparison(comparisons: readonly Comparison[], file: string): string {
  const changed = comparisons.filter(({change}) => change !== 'same')
  if (changed.length === 0) return `Against ${file}: every verdict is as it was.`
  const lines = changed.map(({what, before, now, change}) =>
    change === 'new' ? `  new:    ${what}: ${now}` : `  ${`${change}:`.padEnd(7)} ${what}: ${now}, was ${before}`,
  )
  return [`Against ${file}:`, ...lines].join('\n')
}

function changeOf(before: string | undefined, now: string): Comparison['change'] {
  if (before === undefined) return 'new'
  const [was, is] = [before === 'met', now === 'met']
  if (was === is) return 'same'
  return is ? 'better' : 'worse'
}

function readTables(markdown: string): SavedRow[] {
  return markdown
    .split('\n')
    .filter(line => /^\| .* \|$/.test(line))
    .map(line => line.slice(2, -2).split(' | '))
    .flatMap(cells => {
      const [what, verdict] = [cells[0]?.trim(), cells.at(-1)?.trim()]
      return cells.length === 6 && what && verdict && /^(met|missed|not measured)/.test(verdict)
        ? [{what, verdict}]
        : []
    })
}
