import * as z from 'zod'
import type {SupabaseEmulator} from '../../../../deploy/local/supabase/server.ts'

export const accessToken = 'sbp_0123456789abcdef0123456789abcdef01234567'
export const projectRef = 'abcdefghijklmnopqrst'

export type QueryAnswer = {
  readonly status: number
  readonly headers: Headers
  /** Rows of a success; none of a refusal. */
  readonly rows: readonly Record<string, unknown>[]
  /** The text of a refusal; none of a success. */
  readonly message: string
}

const rowsSchema = z.array(z.record(z.string(), z.unknown()))
const refusalSchema = z.strictObject({message: z.string()})

/** Asks the stand-in as its clients do: over the wire, knowing only what Supabase documents. */
export async function postQuery(
  emulator: SupabaseEmulator,
  query: string,
  init: {readonly token?: string; readonly ref?: string} = {},
): Promise<QueryAnswer> {
  const response = await fetch(`${emulator.url}/v1/projects/${init.ref ?? projectRef}/database/query`, {
    method: 'POST',
    headers: {authorization: `Bearer ${init.token ?? accessToken}`, 'content-type': 'application/json'},
    body: JSON.stringify({query}),
  })
  return toAnswer(response)
}

export async function toAnswer(response: Response): Promise<QueryAnswer> {
  const {status, headers} = response
  const body: unknown = await response.json()
  if (status === 201) return {status, headers, rows: rowsSchema.parse(body), message: ''}
  return {status, headers, rows: [], message: refusalSchema.parse(body).message}
}
