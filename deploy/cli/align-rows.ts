import {styleText} from 'node:util'
import {wrapText} from './table.ts'

/**
 * Two columns, indented; the first in grey.
 *
 * @param columns the terminal's width: what doesn't fit goes on below. Commands, to be copied, stay on one line.
 */
export function alignRows(rows: readonly (readonly [string, string])[], columns?: number | undefined): string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length))
  const indent = ' '.repeat(width + 4)
  return rows.flatMap(([name, value]) => {
    return wrapText(value, columns && columns - indent.length).map((line, index) =>
      index === 0 ? `  ${styleText('gray', name.padEnd(width))}  ${line}` : `${indent}${line}`,
    )
  })
}
