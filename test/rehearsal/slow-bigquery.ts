import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {buffer} from 'node:stream/consumers'
import {setTimeout as sleep} from 'node:timers/promises'

/** A statement takes 1 to 3 s in BigQuery. */
const statementMilliseconds = 1000

/** In front of the BigQuery emulator: statements take as long as they do at Google. */
export async function startSlowBigQuery(url: string) {
  const server = createServer(async (incoming, outgoing) => {
    try {
      const body = await buffer(incoming)
      if (incoming.method === 'POST' && /\/(?:queries|jobs)(?:\?|$)/.test(incoming.url ?? ''))
        await sleep(statementMilliseconds)
      const response = await fetch(`${url}${incoming.url}`, {
        method: incoming.method ?? 'GET',
        headers: {'content-type': 'application/json'},
        ...(body.length === 0 ? {} : {body}),
      })
      outgoing.writeHead(response.status, {'content-type': 'application/json'}).end(await response.text())
    } catch {
      outgoing.destroy()
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise<void>(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
