import * as z from 'zod'
import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import {toMessageText} from '../../lib/log/error-text.ts'

/** A message of `dead-letters` as it was pulled; nothing in it is interpreted yet. */
export type ReceivedMessage = {
  /** The message id on `dead-letters`: what the ledger calls deadLetterId. */
  readonly id: string
  /** When it was set aside. */
  readonly publishedAt: Date
  readonly data: Buffer
  readonly attributes: Readonly<Record<string, string>>
}

// What Google's client makes of google.pubsub.v1.PullResponse. Seconds are int64: text or a number, by the client's mood.
const pullSchema = z.object({
  receivedMessages: z
    .array(
      z.object({
        ackId: z.string(),
        message: z.object({
          messageId: z.string().min(1),
          publishTime: z
            .object({seconds: z.coerce.number(), nanos: z.number().nullish()})
            .transform(({seconds, nanos}) => new Date(seconds * 1000 + Math.floor((nanos ?? 0) / 1_000_000))),
          data: z.union([z.instanceof(Uint8Array), z.string()]).nullish(),
          attributes: z.record(z.string(), z.string()).nullish(),
        }),
      }),
    )
    .nullish(),
})

/** @throws z.ZodError if it is no answer to a pull. */
export function parseReceivedMessages(answer: unknown): {ackId: string; deadLetter: ReceivedMessage}[] {
  return (pullSchema.parse(answer).receivedMessages ?? []).map(({ackId, message}) => {
    const {messageId: id, publishTime: publishedAt, data, attributes} = message
    const bytes = typeof data === 'string' ? Buffer.from(data, 'base64') : Buffer.from(data ?? [])
    return {ackId, deadLetter: {id, publishedAt, data: bytes, attributes: attributes ?? {}}}
  })
}

const grpcError = z.object({code: z.number().optional()})

// https://grpc.io/docs/guides/status-codes/
const hints: Readonly<Record<number, string>> = {
  5: ': the subscription is missing, deploy creates it',
  7: ': the account may not use it (role pubsub.subscriber on the subscription)',
}

/** What the client threw, with what to do about it. */
export function toQueueError(error: unknown, subscription: string): Error {
  // No rights to see it either: "could not load the default credentials" is worded where commands end.
  const {code} = grpcError.safeParse(error).data ?? {}
  if (code === undefined) return error instanceof Error ? error : new Error(String(error))
  const hint = hints[code] ?? ''
  return new UnavailableError(
    `can't use the dead letters of ${subscription}${hint} (Pub/Sub: ${toMessageText(error)})`,
    {mayHaveExecuted: true},
    {cause: error},
  )
}
