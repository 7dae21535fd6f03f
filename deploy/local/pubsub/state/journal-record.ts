import * as z from 'zod'
import {message} from './message.ts'
import {subscriptionSettings} from './subscription-settings.ts'
import {topicSettings} from './topic-settings.ts'

/** One line of the journal. */
export const journalRecord = z.discriminatedUnion('kind', [
  z.object({kind: z.literal('topic'), topic: topicSettings}),
  z.object({kind: z.literal('topic-deleted'), name: z.string()}),
  z.object({kind: z.literal('subscription'), subscription: subscriptionSettings}),
  z.object({kind: z.literal('subscription-deleted'), name: z.string()}),
  /** Published, and for whom: filters are not asked again. */
  z.object({kind: z.literal('message'), message, subscriptions: z.array(z.string())}),
  /** Handed out once more each. */
  z.object({kind: z.literal('delivered'), subscription: z.string(), messages: z.array(z.string())}),
  z.object({kind: z.literal('acknowledged'), subscription: z.string(), messages: z.array(z.string())}),
  /** Only written when the journal is rewritten: how often each was handed out before. */
  z.object({kind: z.literal('attempts'), subscription: z.string(), attempts: z.record(z.string(), z.number())}),
])

export type JournalRecord = z.infer<typeof journalRecord>
