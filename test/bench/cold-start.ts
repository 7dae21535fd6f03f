import {spawn} from 'node:child_process'
import {Agent, request} from 'node:http'
import {tmpdir} from 'node:os'
import {delimiter, dirname} from 'node:path'
import {createInterface} from 'node:readline'

// An address, not a path: NODE_OPTIONS ends a word at a blank.
const preload = new URL('./listen-on-loopback.cjs', import.meta.url).href

/** Times in ms since the process was spawned, memory in bytes. */
export type ColdStart = {
  readonly ready: number
  readonly readyMemory: number
  readonly answered: number
  readonly answeredMemory: number
}

export type Usage = {
  readonly memory: number
  readonly peakMemory: number
  /** Of user and system, in ms. */
  readonly cpu: number
}

export type Started = {
  /** Of performance.now(): when the process was spawned. */
  readonly from: number
  readonly ready: number
  readonly readyMemory: number
  /** Pushes one body. @throws Error unless the function acknowledges it. */
  readonly push: (body: unknown) => Promise<void>
  readonly usage: () => Promise<Usage>
  readonly kill: () => Promise<void>
}

/** Starts a command that serves a function, as Cloud Functions does, and waits until it listens. */
export async function start(words: readonly string[], options: {env: Record<string, string>}): Promise<Started> {
  const [command = '', ...rest] = words
  // This Node, whatever else the machine has.
  const PATH = [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter)
  const env = {...options.env, PATH, NODE_OPTIONS: `--import=${preload}`}
  const from = performance.now()
  const child = spawn(command, rest, {cwd: tmpdir(), env, stdio: ['ignore', 'pipe', 'pipe']})
  const printed: string[] = []
  const waiting: ((line: string) => void)[] = []
  createInterface({input: child.stderr}).on('line', line => void printed.push(line))
  createInterface({input: child.stdout}).on('line', line => {
    if (/^(ready|usage) /.test(line)) waiting.shift()?.(line)
    else printed.push(line)
  })
  const closed = new Promise<void>(resolve => child.once('close', () => resolve()))
  const next = async () => {
    const line = await Promise.race([new Promise<string>(resolve => waiting.push(resolve)), closed])
    if (line === undefined) throw new Error(`the function ended:\n${printed.join('\n')}`)
    return line.split(' ').slice(1).map(Number)
  }
  const [port = 0, readyMemory = 0] = await next()
  const ready = performance.now() - from
  const agent = new Agent({keepAlive: true})
  return {
    from,
    ready,
    readyMemory,
    push: async (body: unknown) => {
      const status = await post(agent, port, JSON.stringify(body))
      if (status !== 204) throw new Error(`the function answered ${status}:\n${printed.join('\n')}`)
    },
    async usage(): Promise<Usage> {
      const answer = next()
      child.kill('SIGUSR2')
      const [memory = 0, cpu = 0, peakMemory = 0] = await answer
      return {memory, peakMemory, cpu: cpu / 1000}
    },
    async kill() {
      agent.destroy()
      child.kill('SIGKILL')
      await closed
    },
  }
}

/** A start with its first event. */
export async function startOnce(
  words: readonly string[],
  options: {env: Record<string, string>},
  body: unknown,
): Promise<ColdStart> {
  const running = await start(words, options)
  try {
    await running.push(body)
    const answered = performance.now() - running.from
    const {memory} = await running.usage()
    return {ready: running.ready, readyMemory: running.readyMemory, answered, answeredMemory: memory}
  } finally {
    await running.kill()
  }
}

/** Node's own client: fetch would load itself while the function starts. */
function post(agent: Agent, port: number, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {'content-type': 'application/json', 'content-length': Buffer.byteLength(body)}
    const sent = request(
      {agent, host: '127.0.0.1', port, method: 'POST', path: '/projects/cloudact-local/topics/manual-jobs', headers},
      response => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0))
      },
    )
    sent.once('error', reject)
    sent.end(body)
  })
}
