import assert from 'node:assert/strict'
import {runChecks} from '../../../deploy/doctor/check-result.ts'

describe('runChecks', () => {
  const fine = {what: 'a', look: async () => [{what: 'a', state: 'ok' as const, detail: 'fine'}]}

  it('tells what could not be looked at from what is wrong, and goes on', async () => {
    const broken = {what: 'b', look: () => Promise.reject(new Error('no\u001b[31m way'))}
    const found = await runChecks([broken, fine], new AbortController().signal)
    assert.deepEqual(
      found.map(({what, state}) => `${what} ${state}`),
      ['b unknown', 'a ok'],
    )
    assert.equal(found[0]?.detail.includes('\u001b'), false)
  })

  it('tells each result once those before it are known, and what is still being looked at', async () => {
    const told: string[] = []
    const [slow, other] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const look = (what: string, until: Promise<void>) => ({
      what,
      look: () => until.then(() => [{what, state: 'ok' as const, detail: 'fine'}]),
    })
    const checks = [fine, look('b', slow.promise), look('c', other.promise)]
    const running = runChecks(checks, new AbortController().signal, {
      onPending: whats => void told.push(`left: ${whats.join(' ')}`),
      onResults: results => void told.push(...results.map(({what}) => what)),
    })
    other.resolve()
    await new Promise(setImmediate)
    assert.deepEqual(told, ['left: b c', 'a', 'left: b'])
    slow.resolve()
    await running
    assert.deepEqual(told.slice(3), ['left: ', 'b', 'c'])
  })

  it('ends with Ctrl-C, whatever a check waits for', async () => {
    const interrupt = new AbortController()
    const ending = runChecks([{what: 'c', look: () => new Promise(() => {})}], interrupt.signal)
    interrupt.abort(new Error('interrupted'))
    await assert.rejects(ending, /interrupted/)
  })
})
