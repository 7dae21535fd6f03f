import * as z from 'zod'
import type {Gcloud} from './gcloud.ts'
import {readJson} from './read-json.ts'

/** The number by which Google's own accounts in a project are named. */
export async function readProjectNumber(gcloud: Gcloud, projectId: string): Promise<string> {
  const schema = z.object({projectNumber: z.coerce.string().regex(/^\d+$/)})
  return (await readJson(gcloud, schema, ['projects', 'describe', projectId])).projectNumber
}
