import assert from 'node:assert/strict'
import {PassThrough} from 'node:stream'
import {text} from 'node:stream/consumers'
import {confirm} from '../../../deploy/cli/confirm.ts'

const question = 'Run bootstrap in prod (cloudact-prod)?'

function createIo(isTerminal: boolean) {
  const input = new PassThrough()
  const output = new PassThrough()
  return {input, output, isTerminal, signal: new AbortController().signal}
}

describe('confirm', () => {
  describe('without a terminal', () => {
    for (const [piped, answer] of [
      ['yes\n', true],
      ['yes', true],
      ['  yes  \r\n', true],
      ['yes\nno\n', true],
      ['no\n', false],
      ['y\n', false],
      ['YES\n', false],
      ['yes please\n', false],
      ['\n', false],
      ['\nyes\n', false],
    ] as const) {
      it(`takes ${JSON.stringify(piped)} for ${answer}`, async () => {
        const io = createIo(false)
        io.input.end(piped)
        assert.equal(await confirm(question, io), answer)
        io.output.end()
        assert.equal(await text(io.output), '', 'nothing to ask')
      })
    }

    it('refuses where nothing is piped in, and says what to do', async () => {
      const io = createIo(false)
      io.input.end()
      await assert.rejects(confirm(question, io), {
        name: 'UsageError',
        message: `${question} There is no terminal to ask on: add --yes, or pipe "yes" in`,
      })
    })
  })

  describe('on a terminal', () => {
    for (const [typed, answer] of [
      ['yes\n', true],
      ['no\n', false],
      ['\n', false],
      ['y\n', false],
    ] as const) {
      it(`asks, and takes ${JSON.stringify(typed)} for ${answer}`, async () => {
        const io = createIo(true)
        const asking = confirm(question, io)
        io.input.write(typed)
        assert.equal(await asking, answer)
        io.output.end()
        assert.match(await text(io.output), /^Run bootstrap in prod \(cloudact-prod\)\? Type "yes" to go on: /)
      })
    }

    it('is interrupted by Ctrl-C, and says that nothing was done', async () => {
      const interrupt = new AbortController()
      const asking = confirm(question, {...createIo(true), signal: interrupt.signal})
      interrupt.abort()
      await assert.rejects(asking, {name: 'CancelledError', message: 'Interrupted: nothing was done.'})
    })
  })
})
