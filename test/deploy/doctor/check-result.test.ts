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

  it('ends with Ctrl-C, whatever a check waits for', async () => {
    const interrupt = new AbortController()
    const ending = runChecks([{what: 'c', look: () => new Promise(() => {})}], interrupt.signal)
    interrupt.abort(new Error('interrupted'))
    await assert.rejects(ending, /interrupted/)
  })
})
