import * as z from 'zod'

const bodySchema = z.union([
  // BigQuery's queries, and Supabase's.
  z.object({query: z.string()}).transform(({query}) => query),
  // BigQuery's jobs.
  z
    .object({configuration: z.object({query: z.object({query: z.string()})})})
    .transform(({configuration}) => configuration.query.query),
])

/** The SQL statement in a request's body; undefined where there is none. */
export function statementOf(body: string): string | undefined {
  if (!body.includes('"query"')) return undefined
  try {
    return bodySchema.safeParse(JSON.parse(body)).data
  } catch {
    return undefined
  }
}
