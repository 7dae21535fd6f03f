import type * as z from 'zod'
import {toPrintableLine} from './printable.ts'

/** What zod found, on one line: `org: expected string; unrecognized key "x"`. */
export function toLine(error: z.ZodError): string {
  const lines = error.issues.map(issue => {
    const message = toIssueText(issue)
    return issue.path.length === 0 ? message : `${issue.path.join('.')}: ${message}`
  })
  return toPrintableLine(lines.slice(0, 8).join('; '), 600)
}

/** zod names a type; who types `yes` wants to know the words that are taken. */
export function toIssueText(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_type' && issue.expected === 'boolean' ? 'must be true or false' : issue.message
}
