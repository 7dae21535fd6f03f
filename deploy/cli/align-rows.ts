import {styleText} from 'node:util'

/** Two columns, indented; the first in grey. */
export function alignRows(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `  ${styleText('gray', name.padEnd(width))}  ${value}`)
}
