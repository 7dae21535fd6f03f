import * as z from 'zod'
import {StatusError} from './status-error.ts'

const pageRequest = z.object({pageSize: z.number().default(0), pageToken: z.string().default('')})

const defaultPageSize = 100
const maxPageSize = 1000

/**
 * One page of a list, in the order of the names.
 *
 * @param request a list request: `pageSize` (100 when absent, 1,000 at most) and `pageToken`.
 * @throws StatusError INVALID_ARGUMENT for a negative size or a token that this function did not give.
 */
export function toPage(names: Iterable<string>, request: unknown): {names: string[]; nextPageToken: string} {
  const {pageSize, pageToken} = pageRequest.parse(request)
  if (pageSize < 0) throw invalidArgument('page_size')
  const size = pageSize === 0 ? defaultPageSize : Math.min(pageSize, maxPageSize)
  const after = Buffer.from(pageToken, 'base64url').toString()
  if (pageToken !== '' && !after.startsWith('projects/')) throw invalidArgument('page_token')
  const rest = [...names].sort().filter(name => name > after)
  const page = rest.slice(0, size)
  const nextPageToken = rest.length > size ? Buffer.from(page.at(-1) ?? '').toString('base64url') : ''
  return {names: page, nextPageToken}
}

function invalidArgument(argument: string): StatusError {
  return new StatusError(
    'INVALID_ARGUMENT',
    `You have passed an invalid argument to the service (argument=${argument}).`,
  )
}
