import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {readFile} from 'node:fs/promises'
import {Agent, request} from 'node:http'
import {type AddressInfo, createServer, type Socket} from 'node:net'
import {createInterface} from 'node:readline'
import {fileURLToPath} from 'node:url'
import {startPubSubEmulator} from '../support/pubsub-emulator.ts'
import {type Group, inTurn, medianOf, type Row} from './row.ts'

const messages = 10_000
const batch = 500

type Server = {readonly host: string; readonly pid: number; readonly stop: () => Promise<void>}
type Sample = {/** Messages a second. */ readonly rate: number; readonly memory: number}

/** Publishing to push delivery, the embedded Pub/Sub beside Google's emulator. */
export const pubSubRows: Group = {
  name: 'pubsub',
  async measure({runs, tell}) {
    const endpoint = await startCountingEndpoint()
    let embedded: Server | undefined
    let emulator: Server | undefined
    let why = ''
    try {
      embedded = await startEmbedded()
      emulator = await startPubSubEmulator(line => {
        why = line
      })
      const send = (server: Server, which: string) => async (round: number) => {
        tell(`${messages} messages through the ${which}, round ${round} of ${runs}`)
        return {rate: await pushAll(server.host, endpoint, round), memory: await residentBytes(server.pid)}
      }
      const things: Record<string, (round: number) => Promise<Sample>> = {embedded: send(embedded, 'embedded Pub/Sub')}
      if (emulator !== undefined) things['emulator'] = send(emulator, 'emulator')
      const {embedded: ours = [], emulator: theirs} = await inTurn(runs, things)
      return toRows(ours, theirs, {runs, why})
    } finally {
      await Promise.all([embedded?.stop(), emulator?.stop(), endpoint.stop()])
    }
  },
}

function toRows(
  ours: readonly Sample[],
  theirs: readonly Sample[] | undefined,
  {runs, why}: {runs: number; why: string},
): Row[] {
  const rate = medianOf(ours, sample => sample.rate)
  const memory = medianOf(ours, sample => sample.memory)
  const other = theirs === undefined ? undefined : medianOf(theirs, sample => sample.rate)
  const otherMemory = theirs === undefined ? undefined : medianOf(theirs, sample => sample.memory)
  const note = theirs === undefined ? {note: why} : {}
  return [
    {
      what: `Embedded Pub/Sub: ${messages} messages through push`,
      ...note,
      baseline: other === undefined ? '–' : `Google's emulator: ${other.toFixed(0)} a second`,
      goal: {limit: 8, is: 'at least'},
      figure: `${rate.toFixed(0)} a second`,
      value: other === undefined ? undefined : rate / other,
      runs,
    },
    {
      what: 'Embedded Pub/Sub: memory after them',
      ...note,
      baseline: otherMemory === undefined ? '–' : `Google's emulator: ${(otherMemory / 1e6).toFixed(0)} MB`,
      goal: {limit: 0.33, is: 'at most'},
      figure: Number.isNaN(memory) ? '–' : `${(memory / 1e6).toFixed(0)} MB`,
      value: otherMemory === undefined || Number.isNaN(memory) ? undefined : memory / otherMemory,
      runs,
    },
  ]
}

async function startEmbedded(): Promise<Server> {
  const script = fileURLToPath(new URL('./pubsub-server.ts', import.meta.url))
  const child = spawn(process.execPath, [script], {stdio: ['pipe', 'pipe', 'inherit']})
  const closed = once(child, 'close')
  const [host] = await Promise.race([once(createInterface({input: child.stdout}), 'line'), closed])
  return {
    host: String(host),
    pid: child.pid ?? 0,
    async stop() {
      child.stdin.end()
      await closed
    },
  }
}

type CountingEndpoint = {
  readonly url: string
  readonly reached: (count: number) => Promise<void>
  readonly stop: () => Promise<void>
}

/**
 * Answers every push at once. A bare socket: Node's HTTP server costs more than a push does, and would be what is measured.
 */
async function startCountingEndpoint(): Promise<CountingEndpoint> {
  let seen = new Set<string>()
  let wanted = Number.POSITIVE_INFINITY
  let tellReached = () => {}
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    let received = ''
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.setEncoding('latin1').on('data', text => {
      received += text
      for (let length = requestLength(received); length <= received.length; length = requestLength(received)) {
        // Each message once, however often it comes.
        seen.add(/"messageId"\s*:\s*"([^"]+)"/.exec(received)?.[1] ?? '')
        received = received.slice(length)
        socket.write('HTTP/1.1 204 No Content\r\n\r\n')
      }
      if (seen.size >= wanted) tellReached()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    async reached(count) {
      seen = new Set()
      wanted = count
      await new Promise<void>(resolve => (tellReached = resolve))
    },
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** Of the first request in what came so far; infinite while its head is not whole. @throws Error for one without a length. */
function requestLength(received: string): number {
  const head = received.indexOf('\r\n\r\n')
  if (head < 0) return Number.POSITIVE_INFINITY
  const length = /\r\ncontent-length: *(\d+)/i.exec(received.slice(0, head + 2))?.[1]
  if (length === undefined) throw new Error(`a push without a length:\n${received.slice(0, head)}`)
  return head + 4 + Number(length)
}

/** @returns messages a second, from the first publish to the last push. */
async function pushAll(host: string, endpoint: CountingEndpoint, round: number): Promise<number> {
  const agent = new Agent({keepAlive: true})
  const call = (method: string, path: string, body: unknown) =>
    send(agent, `http://${host}/v1/projects/bench/${path}`, {method, body})
  await call('PUT', `topics/bench-${round}`, {})
  const topic = `projects/bench/topics/bench-${round}`
  await call('PUT', `subscriptions/bench-${round}`, {topic, pushConfig: {pushEndpoint: endpoint.url}})
  const all = endpoint.reached(messages)
  const data = Buffer.from(JSON.stringify({some: 'arguments'})).toString('base64')
  const from = performance.now()
  for (let sent = 0; sent < messages; sent += batch) {
    const attributes = {job: 'bench', trigger: 'manual'}
    await call('POST', `topics/bench-${round}:publish`, {
      messages: Array.from({length: batch}, () => ({data, attributes})),
    })
  }
  await all
  const seconds = (performance.now() - from) / 1000
  await call('DELETE', `subscriptions/bench-${round}`, undefined)
  agent.destroy()
  return messages / seconds
}

function send(agent: Agent, url: string, {method, body}: {method: string; body: unknown}): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, {agent, method, headers: {'content-type': 'application/json'}}, response => {
      const isFine = (response.statusCode ?? 500) < 300
      response
        .resume()
        .once('end', () => (isFine ? resolve() : reject(new Error(`${method} ${url}: ${response.statusCode}`))))
    })
    sent.once('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** Of another process. Linux tells it in a file; where there is none, memory is not measured. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) * 1024
}
