import {stripVTControlCharacters} from 'node:util'
import {wrapText} from './table.ts'

/**
 * Wraps what is too wide of a text in lines. What goes on stands below its column, as in `  name  text`; examples of
 * commands stay on one line.
 *
 * @param columns undefined: as it is.
 */
export function wrapLines(text: string, columns: number | undefined): string {
  if (columns === undefined) return text
  return text
    .split('\n')
    .flatMap(line => {
      if (stripVTControlCharacters(line).length <= columns || line.startsWith('npm run ')) return [line]
      const [head = ''] = /^\s+\S+(?:,? \S+)*? {2,}|^\s*/.exec(line) ?? []
      const [first = '', ...rest] = wrapText(line.slice(head.length), columns - head.length)
      const indent = ' '.repeat(stripVTControlCharacters(head).length)
      return [head + first, ...rest.map(part => indent + part)]
    })
    .join('\n')
}
