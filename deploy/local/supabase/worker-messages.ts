import * as z from 'zod'
import {queryOutcomeSchema} from './query-outcome.ts'

/** What the database's thread is asked, one at a time. */
export const databaseRequestSchema = z.discriminatedUnion('kind', [
  z.object({kind: z.literal('query'), sql: z.string()}),
  z.object({kind: z.literal('close')}),
])
export type DatabaseRequest = z.infer<typeof databaseRequestSchema>

/** What it answers: once `ready`, and then one `outcome` a query. */
export const databaseReplySchema = z.discriminatedUnion('kind', [
  z.object({kind: z.literal('ready'), startMilliseconds: z.number()}),
  z.object({kind: z.literal('outcome'), outcome: queryOutcomeSchema}),
])
export type DatabaseReply = z.infer<typeof databaseReplySchema>
