import {type IncomingMessage, request} from 'node:http'
import {json} from 'node:stream/consumers'
import * as z from 'zod'

const answer = z.record(z.string(), z.unknown())

/** A plain REST caller, as far from Google's client library as possible. */
export type RestClient = (
  verb: string,
  path: string,
  body?: unknown,
) => Promise<{readonly status: number; readonly json: Record<string, unknown>}>

/** @param body sent as JSON; a string as it is. */
export function createRestClient(host: string): RestClient {
  return async (verb, path, body) => {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const response = await ask(`http://${host}/v1/${path}`, verb, text)
    return {status: response.statusCode ?? 0, json: answer.parse(await json(response))}
  }
}

/** A connection for each request: a server that is started again on its port must not be asked over its predecessor's. */
function ask(url: string, method: string, body: string | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {'content-type': 'application/json'}
    request(url, {method, headers, agent: false}, resolve).once('error', reject).end(body)
  })
}

const errorAnswer = z.object({error: z.object({code: z.number(), message: z.string(), status: z.string()})})

/** `404 NOT_FOUND` and the message of a refusal. */
export function refusalOf({status, json}: {status: number; json: unknown}): {code: string; message: string} {
  const {error} = errorAnswer.parse(json)
  return {code: `${status} ${error.status}`, message: error.message}
}

const pullAnswer = z.object({
  receivedMessages: z
    .array(
      z.object({
        ackId: z.string(),
        deliveryAttempt: z.number().optional(),
        message: z.object({
          messageId: z.string(),
          publishTime: z.string(),
          data: z.string().default(''),
          attributes: z.record(z.string(), z.string()).default({}),
          orderingKey: z.string().optional(),
        }),
      }),
    )
    .default([]),
})

export type PulledMessage = z.infer<typeof pullAnswer>['receivedMessages'][number]

/** Pulls until a message comes: a pull may come back with none. */
export async function pullSome(rest: RestClient, subscription: string, maxMessages = 100): Promise<PulledMessage[]> {
  for (;;) {
    const {status, json} = await rest('POST', `${subscription}:pull`, {maxMessages})
    if (status !== 200) throw new Error(`pull of ${subscription} answered ${status} ${JSON.stringify(json)}`)
    const {receivedMessages} = pullAnswer.parse(json)
    if (receivedMessages.length > 0) return receivedMessages
  }
}

/** What there is at this moment, and no waiting. */
export async function pullNow(rest: RestClient, subscription: string): Promise<PulledMessage[]> {
  const {json} = await rest('POST', `${subscription}:pull`, {maxMessages: 100, returnImmediately: true})
  return pullAnswer.parse(json).receivedMessages
}

const publishAnswer = z.object({messageIds: z.array(z.string())})

/** Publishes texts, or messages as they are. @returns their ids. */
export async function publish(
  rest: RestClient,
  topic: string,
  ...messages: readonly (string | Record<string, unknown>)[]
): Promise<string[]> {
  const {json} = await rest('POST', `${topic}:publish`, {
    messages: messages.map(message =>
      typeof message === 'string' ? {data: Buffer.from(message).toString('base64')} : message,
    ),
  })
  return publishAnswer.parse(json).messageIds
}

export function textOf({message}: PulledMessage): string {
  return Buffer.from(message.data, 'base64').toString()
}
