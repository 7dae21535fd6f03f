import type * as z from 'zod'
import {toPrintableLine} from './printable.ts'

/** What zod found, on one line: `org: expected string; unrecognized key "x"`. */
export function toLine(error: z.ZodError): string {
  const lines = error.issues.map(({path, message}) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
  return toPrintableLine(lines.slice(0, 8).join('; '), 600)
}
