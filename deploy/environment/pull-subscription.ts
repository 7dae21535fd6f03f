import ky, {HTTPError} from 'ky'
import * as z from 'zod'
import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import {toMessageText} from '../../lib/log/error-text.ts'

/** A message of a pull subscription as it was pulled; nothing in it is interpreted yet. */
export type ReceivedMessage = {
  /** The message id on `dead-letters`: what the ledger calls deadLetterId. */
  readonly id: string
  /** When it was published there. */
  readonly publishedAt: Date
  readonly data: Buffer
  readonly attributes: Readonly<Record<string, string>>
}

export type Leased = {readonly ackId: string; readonly message: ReceivedMessage}

/** A pull subscription. Every call throws UnavailableError if Pub/Sub refuses it or doesn't answer. */
export type PullSubscription = {
  /** Leases what there is at the moment, for as long as the subscription's deadline says. */
  readonly pull: (maxMessages: number) => Promise<Leased[]>
  /** Extends leases; 0 seconds give the messages back at once. */
  readonly setDeadline: (leases: readonly Leased[], seconds: number) => Promise<void>
  readonly acknowledge: (lease: Leased) => Promise<void>
}

// google.pubsub.v1.PullResponse in its JSON form. Source: Pub/Sub REST reference, projects.subscriptions.pull.
const pullSchema = z.object({
  receivedMessages: z
    .array(
      z
        .object({
          ackId: z.string(),
          message: z.object({
            messageId: z.string().min(1),
            publishTime: z.coerce.date(),
            data: z.string().default(''),
            attributes: z.record(z.string(), z.string()).default({}),
          }),
        })
        .transform(({ackId, message: {messageId: id, publishTime: publishedAt, data, attributes}}) => ({
          ackId,
          message: {id, publishedAt, data: Buffer.from(data, 'base64'), attributes},
        })),
    )
    .default([]),
})
const errorSchema = z.object({error: z.object({message: z.string()})})

/** Ack ids a request; a request may have 512 KB. Source: Pub/Sub quotas, "Resource limits". */
const idsPerRequest = 1000
const timeoutMilliseconds = 15_000
const hints: Readonly<Record<number, string>> = {
  403: ': the account may not use it (role pubsub.subscriber on the subscription)',
  404: ': the subscription is missing, deploy creates it',
}

/**
 * A pull subscription over Pub/Sub's REST interface: three small requests, where Google's client loads all of gRPC.
 *
 * @param options.host Pub/Sub on this machine, which takes no credentials; undefined: Google's.
 */
export function createPullSubscription(options: {
  readonly projectId: string
  readonly name: string
  readonly host: string | undefined
  /** @default of the operator, as Google's libraries find them */
  readonly accessToken?: () => Promise<string>
}): PullSubscription {
  const {projectId, name, host, accessToken = operatorsAccessToken} = options
  const subscription = `projects/${projectId}/subscriptions/${name}`
  const url = `${host === undefined ? 'https://pubsub.googleapis.com' : `http://${host}`}/v1/${subscription}`

  async function call(method: string, json: Record<string, unknown>): Promise<unknown> {
    try {
      const headers = host === undefined ? {authorization: `Bearer ${await accessToken()}`} : {}
      // Each of the calls may be repeated: what a lost answer leased comes back when its lease ends.
      const retry = {limit: 2, methods: ['post'], statusCodes: [429, 500, 502, 503, 504]}
      return await ky.post(`${url}:${method}`, {json, headers, retry, timeout: timeoutMilliseconds}).json()
    } catch (error) {
      if (!(error instanceof HTTPError)) throw toUnavailable(toMessageText(error), undefined, error)
      throw toUnavailable(messageOf(error), error.response.status, error)
    }
  }

  function toUnavailable(message: string, status: number | undefined, cause: unknown): Error {
    const hint = status === undefined ? '' : (hints[status] ?? '')
    const text = `can't use the dead letters of ${subscription}${hint} (Pub/Sub: ${message})`
    return new UnavailableError(text, {mayHaveExecuted: true, ...(status === undefined ? {} : {status})}, {cause})
  }

  return {
    async pull(maxMessages) {
      // returnImmediately: without it a pull from an empty subscription takes as long as the service likes.
      const answer = await call('pull', {maxMessages, returnImmediately: true})
      return pullSchema.parse(answer).receivedMessages
    },
    async setDeadline(leases, ackDeadlineSeconds) {
      for (let first = 0; first < leases.length; first += idsPerRequest) {
        const ackIds = leases.slice(first, first + idsPerRequest).map(({ackId}) => ackId)
        await call('modifyAckDeadline', {ackIds, ackDeadlineSeconds})
      }
    },
    acknowledge: async ({ackId}) => void (await call('acknowledge', {ackIds: [ackId]})),
  }
}

function messageOf({data, message}: HTTPError): string {
  return errorSchema.safeParse(data).data?.error.message ?? message
}

async function operatorsAccessToken(): Promise<string> {
  const {GoogleAuth} = await import('google-auth-library')
  const token = await new GoogleAuth({scopes: 'https://www.googleapis.com/auth/pubsub'}).getAccessToken()
  if (typeof token === 'string') return token
  throw new Error('Could not load the default credentials')
}
