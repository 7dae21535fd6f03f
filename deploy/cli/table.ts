import {stripVTControlCharacters, styleText} from 'node:util'

/** Fewer columns than this are no terminal that anybody reads. */
const minColumns = 40
const gap = '  '

/**
 * Rows below a grey heading, columns aligned, indented by two. Cells may be coloured; whatever else they hold must be
 * printable already.
 *
 * A last column without a name is text of any length. Where a row doesn't fit, the text goes below it, wrapped, and so do
 * cells from the right, with their names, until the row fits: nothing is cut, nothing runs over the edge.
 *
 * @param columns the terminal's width; undefined where there is none: every row is one line then.
 */
export function formatTable(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  columns?: number | undefined,
): string {
  const widths = heading.map((name, column) =>
    Math.max(widthOf(name), ...rows.map(cells => widthOf(cells[column] ?? ''))),
  )
  const limit = columns === undefined ? Number.POSITIVE_INFINITY : Math.max(minColumns, columns)
  const fitting = countFitting(widths, limit)
  const line = (cells: readonly string[]) =>
    `${gap}${cells
      .slice(0, fitting)
      .map((cell, column) => `${cell}${' '.repeat((widths[column] ?? 0) - widthOf(cell))}`)
      .join(gap)
      .trimEnd()}`
  const below = (cells: readonly string[]) => {
    const hasText = heading.at(-1) === '' && fitting < heading.length
    const text = hasText ? (cells.at(-1) ?? '') : ''
    const named = cells
      .slice(fitting, hasText ? -1 : undefined)
      .flatMap((cell, index) => (cell === '' ? [] : [`${styleText('gray', heading[fitting + index] ?? '')} ${cell}`]))
    return [...fill(named, limit), ...(text === '' ? [] : wrapText(text, limit, '    '))]
  }
  return [styleText('gray', line(heading)), ...rows.flatMap(cells => [line(cells), ...below(cells)])].join('\n')
}

/** All columns, or as many from the left as fit, at least one. */
function countFitting(widths: readonly number[], limit: number): number {
  const widthWith = (count: number) => widths.slice(0, count).reduce((sum, width) => sum + gap.length + width, 0)
  let count = widths.length
  while (count > 1 && widthWith(count) > limit) count -= 1
  return count
}

/** Whole cells on as few lines as they need. */
function fill(cells: readonly string[], limit: number): string[] {
  const lines: string[] = []
  for (const cell of cells) {
    const last = lines.at(-1)
    if (last !== undefined && widthOf(last) + gap.length + widthOf(cell) <= limit)
      lines.splice(-1, 1, `${last}${gap}${cell}`)
    else lines.push(...wrapText(cell, limit, '    '))
  }
  return lines
}

/** A command to be copied, with which a line ends, or a remark follows in parentheses. */
const command = /npm run (?:(?!\. )[^,;`])*?(?= {2,}\(|$)/

/**
 * A text in lines of a width, broken between words where that is possible; nothing is left out. A command stays on one
 * line, however long it is.
 */
export function wrapText(text: string, columns: number | undefined, indent = ''): string[] {
  const width = Math.max(20, (columns ?? Number.POSITIVE_INFINITY) - indent.length)
  return text.split('\n').flatMap(line => wrapLine(line, width).map(part => `${indent}${part}`))
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = []
  let current = ''
  for (const word of wordsOf(line)) {
    const longer = current === '' ? word : `${current} ${word}`
    if (widthOf(longer) <= width) {
      current = longer
      continue
    }
    if (current !== '') lines.push(current)
    current = word
    // An address longer than the line.
    while (widthOf(current) > width && current === stripVTControlCharacters(current) && !command.test(current)) {
      lines.push(current.slice(0, width))
      current = current.slice(width)
    }
  }
  return [...lines, current]
}

function wordsOf(line: string): string[] {
  const found = command.exec(line)
  if (found === null) return line.split(' ')
  const before = line.slice(0, found.index).trimEnd()
  const after = line.slice(found.index + found[0].length)
  return [...(before === '' ? [] : before.split(' ')), found[0], ...(after === '' ? [] : after.slice(1).split(' '))]
}

/** A text's beginning, marked where it is cut. Not for reasons: their cause stands at their end. */
export function shorten(text: string, longest: number): string {
  if (text.length <= longest) return text
  const start = text.slice(0, longest - 1).trimEnd()
  return `${start.toWellFormed()}…`
}

/** A moment, to the second, in UTC: `2026-11-23 08:00:00`. */
export function formatMoment(moment: Date): string {
  return moment.toISOString().slice(0, 19).replace('T', ' ')
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length
}
