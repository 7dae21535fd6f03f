import {stripVTControlCharacters, styleText} from 'node:util'

/**
 * Rows below a grey heading, columns aligned, indented by two. Cells may be coloured; whatever else they hold must be
 * printable already.
 */
export function formatTable(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heading.map((name, column) =>
    Math.max(widthOf(name), ...rows.map(cells => widthOf(cells[column] ?? ''))),
  )
  const line = (cells: readonly string[]) =>
    `  ${cells
      .map((cell, column) => `${cell}${' '.repeat((widths[column] ?? 0) - widthOf(cell))}`)
      .join('  ')
      .trimEnd()}`
  return [styleText('gray', line(heading)), ...rows.map(line)].join('\n')
}

/** A text's beginning, marked where it is cut. */
export function shorten(text: string, longest: number): string {
  return text.length <= longest
    ? text
    : `${text
        .slice(0, longest - 1)
        .trimEnd()
        .toWellFormed()}…`
}

/** A moment, to the second, in UTC: `2026-11-23 08:00:00`. */
export function formatMoment(moment: Date): string {
  return moment.toISOString().slice(0, 19).replace('T', ' ')
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length
}
