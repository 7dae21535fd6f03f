import * as z from 'zod'
import {sqlErrorSchema} from './sql-error.ts'

/** What came of one text of SQL, however many statements it holds. */
export const queryOutcomeSchema = z.discriminatedUnion('kind', [
  z.object({kind: z.literal('rows'), rows: z.array(z.record(z.string(), z.unknown()))}),
  z.object({kind: z.literal('refused'), error: sqlErrorSchema}),
])
export type QueryOutcome = z.infer<typeof queryOutcomeSchema>
