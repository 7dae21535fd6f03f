import {request} from 'node:http'
import ky from 'ky'
import type * as z from 'zod'

/** Where a sandbox's control API is, from `sandbox.json`. */
export type ControlAddress = {readonly controlUrl: string; readonly controlToken: string}

/** A sandbox that is in use by this process. */
export type Attachment = {
  /** Resolves when the sandbox has ended, however it did. */
  readonly ended: Promise<void>
  readonly detach: () => void
}

/** How long a sandbox on this machine may take to say that it is there. */
const answerMilliseconds = 5000

/**
 * Tells a sandbox that this process uses it, and notices when it is gone: the connection ends with its process.
 *
 * @param options.wantsDelivery messages are to be delivered, also in a sandbox that was started to look only.
 * @returns undefined where no sandbox answers.
 */
export function attachToSandbox(
  {controlUrl, controlToken}: ControlAddress,
  options: {readonly wantsDelivery: boolean},
): Promise<Attachment | undefined> {
  return new Promise(resolve => {
    const asking = request(`${controlUrl}/in-use?delivery=${options.wantsDelivery}`, {
      headers: {authorization: `Bearer ${controlToken}`},
      agent: false,
    })
    const tooLate = setTimeout(() => asking.destroy(), answerMilliseconds)
    const ended = new Promise<void>(resolve => asking.once('close', () => resolve()))
    asking.on('error', () => resolve(undefined))
    asking.once('response', response => {
      clearTimeout(tooLate)
      response.on('error', () => undefined).resume()
      if (response.statusCode === 200) return resolve({ended, detach: () => asking.destroy()})
      asking.destroy()
      resolve(undefined)
    })
    asking.once('close', () => clearTimeout(tooLate))
    asking.end()
  })
}

export type ControlClient = {
  /** @param timeoutMilliseconds what takes longer than an answer from memory. @default 5 s */
  readonly get: <Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    timeoutMilliseconds?: number,
  ) => Promise<z.output<Schema>>
  readonly post: (path: string, json: unknown) => Promise<void>
  readonly delete: (path: string) => Promise<void>
}

/** Asks a sandbox's control API. @throws HTTPError, ZodError */
export function createControlClient({controlUrl, controlToken}: ControlAddress): ControlClient {
  const client = ky.create({
    prefix: controlUrl,
    headers: {authorization: `Bearer ${controlToken}`},
    retry: 0,
    timeout: answerMilliseconds,
  })
  return {
    get: async (path, schema, timeout = answerMilliseconds) => schema.parse(await client.get(path, {timeout}).json()),
    post: async (path, json) => void (await client.post(path, {json})),
    delete: async path => void (await client.delete(path)),
  }
}
