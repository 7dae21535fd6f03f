import * as z from 'zod'

/** The body as the endpoint's reference has it; `parameters` and `read_only` are in there too, but not in this emulator. */
const querySchema = z.strictObject({query: z.string().min(1)})

/**
 * The SQL of a request, or what the endpoint says about a body that has none. It reads JSON only under a JSON content
 * type; under any other, the body counts as empty.
 */
export function readQuery(contentType: string | undefined, body: string): {query: string} | {message: string} {
  const isJson = /^application\/json\b/i.test(contentType ?? '')
  let value: unknown = {}
  try {
    if (isJson) value = JSON.parse(body)
  } catch (error) {
    return {message: error instanceof Error ? error.message : String(error)}
  }
  const parsed = querySchema.safeParse(value)
  if (parsed.success) return parsed.data
  return {message: parsed.error.issues.map(({path, message}) => [path.join('.'), message].join(': ')).join(', ')}
}
