import assert from 'node:assert/strict'
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
    host = await startFunctionHost({
      functionNames: [name],
      envOf: () => {
        starts += 1
        return {
          FUNCTION_TARGET: name,
          NODE_OPTIONS: '--import "data:text/javascript,await new Promise(r=>setTimeout(r,500))"',
        }
      },
      onLine: () => {},
    })
    const pushes = [push(), push()].map(pushed => pushed.catch(() => undefined))
    await until('one is at work', async () => (starts === 1 ? true : undefined))
    await host.stop()
    await Promise.all(pushes)
    assert.equal(starts, 1)
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

  it('is closed to web pages', async () => {
    host = await startFunctionHost({functionNames: [name], envOf: () => assert.fail('it started'), onLine: () => {}})
    assert.equal((await push({origin: 'http://evil.test'}))[0], 403)
    assert.equal((await push({'content-type': 'text/plain'}))[0], 415)
  })
})
