import {stripVTControlCharacters} from 'node:util'

/** `tablesCreated` → `tables created`. */
export function toWords(name: string): string {
  return name.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)
}

/** A text's lines in one: for a row of a table. */
export function joinLines(text: string): string {
  const lines = text.split('\n').map(line => line.trim())
  return lines.filter(line => line !== '').join('; ')
}

/** The same report without colours and escapes, for files and tests. */
export function toPlain(text: string): string {
  return stripVTControlCharacters(text)
}
