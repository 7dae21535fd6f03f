import assert from 'node:assert/strict'
import {subscribe, unsubscribe} from 'node:diagnostics_channel'
import {IncomingMessage} from 'node:http'
import * as z from 'zod'
import {type FunctionHost, startFunctionHost} from '../../../deploy/local/function-host.ts'
import {runScript} from '../../support/run-script.ts'
import {until} from '../../support/test-sandbox.ts'

const name = 'cloudact-daily-alerts'

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const forever = 'setInterval(() => {}, 1e6); await new Promise(() => {})'

/** The environment of a function that first runs this. */
function preload(source: string): Record<string, string> {
  return {FUNCTION_TARGET: name, NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(source)}"`}
}

/** Counts the requests to servers of this process that were read to their end, and are then handled. */
function countRequestsRead(): {readonly count: () => number; readonly close: () => void} {
  let count = 0
  const messageSchema = z.object({request: z.instanceof(IncomingMessage)})
  const onStart = (message: unknown) => {
    const {request} = messageSchema.parse(message)
    request.once('end', () => setImmediate(() => (count += 1)))
  }
  // Source: Node.js documentation, "Diagnostics Channel", "Built-in Channels".
  subscribe('http.server.request.start', onStart)
  return {count: () => count, close: () => void unsubscribe('http.server.request.start', onStart)}
}

describe('startFunctionHost', function () {
  this.timeout(30_000)
  let host: FunctionHost | undefined
  afterEach(() => host?.stop())

  const push = async (headers: Record<string, string> = {}) => {
    const response = await fetch(`${host?.urlOf(name)}/projects/p/topics/t`, {
      method: 'POST',
      headers: {'content-type': 'application/json', ...headers},
      body: '{}',
    })
    return [response.status, await response.text()] as const
  }

  it('answers 429 when a request has waited too long for a busy function, as Cloud Run does', async () => {
    let starts = 0
    host = await startFunctionHost({
      functionNames: [name],
      holdMilliseconds: 100,
      // A function that takes long: its first start waits for a variable that never comes.
      envOf: () => {
        starts += 1
        return {
          FUNCTION_TARGET: name,
          NODE_OPTIONS: '--import "data:text/javascript,await new Promise(r=>setTimeout(r,3000))"',
        }
      },
      onLine: () => {},
    })
    const busy = push()
    const held = await Promise.all([push(), push()])
    assert.deepEqual(held, Array(2).fill([429, 'Rate exceeded.']))
    assert.equal(starts, 1, 'the held ones started nothing')
    assert.equal((await busy)[0], 503, 'no such function can be served without its settings')
  })

  it('starts no function for a request that was waiting when it was stopped', async () => {
    let starts = 0
    const read = countRequestsRead()
    host = await startFunctionHost({
      functionNames: [name],
      stopMilliseconds: 100,
      envOf: () => {
        starts += 1
        return preload(forever)
      },
      onLine: () => {},
    })
    const pushes = [push(), push()].map(pushed => pushed.catch(() => undefined))
    await until('one is at work, and one waits', async () => (read.count() === 2 && starts === 1 ? true : undefined))
    read.close()
    await host.stop()
    await Promise.all(pushes)
    assert.equal(starts, 1)
  })

  it('ends though a function is stuck while it starts, and tells the others to end at once', async () => {
    const lines: string[] = []
    const bodies: Record<string, string> = {
      stuck: `console.log('stuck', process.pid); ${forever}`,
      ready: `process.on('SIGTERM', () => (console.log('told'), process.exit())); process.send({port: 1}); ${forever}`,
    }
    const start = async (stopMilliseconds?: number) => {
      lines.length = 0
      host = await startFunctionHost({
        functionNames: Object.keys(bodies),
        envOf: function_ => preload(bodies[function_] ?? ''),
        onLine: line => void lines.push(line),
        ...(stopMilliseconds !== undefined && {stopMilliseconds}),
      })
      const warming = host.warm('stuck').catch(() => undefined)
      await host.warm('ready')
      const pid = await until('it is stuck', async () => {
        const line = lines.find(found => found.startsWith('stuck '))
        return line === undefined ? undefined : Number(line.split(' ')[1])
      })
      return {host, pid, warming}
    }

    const patient = await start()
    const stopping = patient.host.stop()
    await until('the other was told', async () => (lines.includes('told') ? true : undefined))
    process.kill(patient.pid, 'SIGKILL')
    await Promise.all([stopping, patient.warming])

    const hasty = await start(100)
    await hasty.host.stop()
    await hasty.warming
    assert.equal(isAlive(hasty.pid), false)
  })

  it('leaves no function behind when its process ends at once, be it as busy as can be', async () => {
    const ended = await runScript(
      `import {readFileSync} from 'node:fs'
      import {startFunctionHost} from './deploy/local/function-host.ts'
      const NODE_OPTIONS = '--import "data:text/javascript,for(;;);"'
      const host = await startFunctionHost({functionNames: ['busy'], envOf: () => ({NODE_OPTIONS}), onLine() {}})
      void host.warm('busy')
      const children = () => readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8').trim()
      const wait = () => (children() === '' ? setTimeout(wait, 10) : end())
      const end = () => (process.stdout.write(children()), process.exit(130))
      if (process.platform === 'linux') wait()
      else process.exit(130)`,
    )
    assert.equal(ended.exitCode, 130, ended.stderr)
    const pid = Number(ended.stdout)
    await until('it has ended', async () => (pid > 0 && isAlive(pid) ? undefined : true))
  })

  it('leaves no function behind that does not say its port', async () => {
    const lines: string[] = []
    host = await startFunctionHost({
      functionNames: [name],
      envOf: () => preload(`console.log(process.pid); process.send('hello'); ${forever}`),
      onLine: line => void lines.push(line),
    })
    await assert.rejects(host.warm(name), /something else than its port/)
    const pid = Number(await until('it has printed its id', async () => lines[0]))
    await until('it has ended', async () => (isAlive(pid) ? undefined : true), 10_000)
  })

  it('is closed to web pages', async () => {
    host = await startFunctionHost({functionNames: [name], envOf: () => assert.fail('it started'), onLine: () => {}})
    assert.equal((await push({origin: 'http://evil.test'}))[0], 403)
    assert.equal((await push({'content-type': 'text/plain'}))[0], 415)
  })
})
