import {stripVTControlCharacters} from 'node:util'

/** `tablesCreated` → `tables created`. */
export function toWords(name: string): string {
  return name.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)
}

/** The same report without colours and escapes, for files and tests. */
export function toPlain(text: string): string {
  return stripVTControlCharacters(text)
}
