import assert from 'node:assert/strict'
import {type FunctionHost, startFunctionHost} from '../../../deploy/local/function-host.ts'

const name = 'cloudact-daily-alerts'

describe('startFunctionHost', function () {
  this.timeout(30_000)
  let host: FunctionHost
  afterEach(() => host.stop())

  const push = async (headers: Record<string, string> = {}) => {
    const response = await fetch(`${host.urlOf(name)}/projects/p/topics/t`, {
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

  it('is closed to web pages', async () => {
    host = await startFunctionHost({functionNames: [name], envOf: () => assert.fail('it started'), onLine: () => {}})
    assert.equal((await push({origin: 'http://evil.test'}))[0], 403)
    assert.equal((await push({'content-type': 'text/plain'}))[0], 415)
  })
})
