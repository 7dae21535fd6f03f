import * as z from 'zod'
import {StatusError} from './status-error.ts'

const updateMask = z.object({paths: z.array(z.string()).default([])}).optional()

/**
 * What an update makes of a resource: the masked fields as the request has them, or gone where it has none, all others
 * as they were.
 *
 * @param options.what `Topic` or `Subscription`, for Google's wordings.
 * @param options.mutable names of the fields that may change, `push_config`; `options.fixed` of those that may not.
 * @throws StatusError INVALID_ARGUMENT for an empty mask and for a field that is unknown or not mutable.
 */
export function applyUpdateMask(options: {
  readonly what: 'Topic' | 'Subscription'
  readonly current: Readonly<Record<string, unknown>>
  readonly patch: Readonly<Record<string, unknown>>
  readonly mask: unknown
  readonly mutable: readonly string[]
  readonly fixed: readonly string[]
}): Record<string, unknown> {
  const {what, patch} = options
  const paths = updateMask.parse(options.mask)?.paths ?? []
  if (paths.length === 0) {
    throw new StatusError(
      'INVALID_ARGUMENT',
      `The update_mask in the Update${what}Request must be set, and must contain a non-empty paths list.`,
    )
  }
  const updated: Record<string, unknown> = {...options.current}
  for (const path of paths) {
    if (!options.mutable.includes(path)) throw refused(what, path, options.fixed.includes(path))
    const field = toCamelCase(path)
    updated[field] = patch[field]
  }
  return updated
}

function refused(what: string, path: string, isKnown: boolean): StatusError {
  const problem = isKnown
    ? `the ${path} field in the ${what} is not mutable.`
    : `${path} is not a known ${what} field. Note that field paths must be of the form 'push_config' rather than ` +
      "'pushConfig'."
  return new StatusError('INVALID_ARGUMENT', `Invalid update_mask provided in the Update${what}Request: ${problem}`)
}

export function toCamelCase(snakeCase: string): string {
  return snakeCase.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
