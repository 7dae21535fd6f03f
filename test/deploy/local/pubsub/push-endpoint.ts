import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import * as z from 'zod'

const pushBody = z.looseObject({
  message: z.looseObject({
    messageId: z.string(),
    publishTime: z.string(),
    data: z.string().default(''),
    attributes: z.record(z.string(), z.string()).default({}),
  }),
  subscription: z.string(),
  deliveryAttempt: z.number().optional(),
})

/** One push as it arrived. */
export type Push = {
  readonly request: IncomingMessage
  readonly raw: string
  readonly body: z.infer<typeof pushBody>
  readonly text: string
  readonly atMilliseconds: number
}

export type PushEndpoint = {
  readonly url: string
  /** The next push that no one has asked for yet, as soon as it is there. */
  readonly next: () => Promise<Push>
  readonly stop: () => Promise<void>
}

/**
 * An endpoint for push subscriptions on loopback.
 *
 * @param answer what to do with a push: a status, or anything with the response itself. 204 when absent.
 */
export async function startPushEndpoint(
  answer: (push: Push, response: ServerResponse) => number | undefined = () => 204,
): Promise<PushEndpoint> {
  const arrived: Push[] = []
  const waiting: ((push: Push) => void)[] = []

  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = []
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString()
      const body = pushBody.parse(JSON.parse(raw))
      const text = Buffer.from(body.message.data, 'base64').toString()
      const push = {request, raw, body, text, atMilliseconds: performance.now()}
      const status = answer(push, response)
      if (status !== undefined) response.writeHead(status).end()
      const waiter = waiting.shift()
      if (waiter === undefined) arrived.push(push)
      else waiter(push)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0

  return {
    url: `http://127.0.0.1:${port}/projects/project-one/topics/orders`,
    next() {
      const push = arrived.shift()
      if (push !== undefined) return Promise.resolve(push)
      return new Promise(resolve => waiting.push(resolve))
    },
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
