import * as z from 'zod'
import type {Gcloud} from './gcloud.ts'

/** @throws Error if gcloud printed something else than it is documented to. */
export async function readJson<Schema extends z.ZodType>(
  gcloud: Gcloud,
  schema: Schema,
  args: readonly string[],
): Promise<z.output<Schema>> {
  const text = await gcloud([...args, '--format=json'])
  const result = z.string().transform(parseJson).pipe(schema).safeParse(text)
  if (result.success) return result.data
  throw new Error(`gcloud ${args.join(' ')} answered something unexpected: ${z.prettifyError(result.error)}`)
}

function parseJson(text: string): unknown {
  return JSON.parse(text.trim() === '' ? '[]' : text)
}

/** `projects/p/topics/t` → `t`. */
export function lastSegment(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}
