import assert from 'node:assert/strict'
import {createLiveLine} from '../../../deploy/cli/live-line.ts'

function createStream(isTTY: boolean, columns = 40) {
  const written: string[] = []
  return {isTTY, columns, written, write: (text: unknown) => written.push(String(text)) > 0}
}

describe('createLiveLine', () => {
  it('rewrites in place on a terminal, on as many lines as the text needs, and cuts nothing', () => {
    const stream = createStream(true)
    const live = createLiveLine(stream)
    const words = `${'why '.repeat(19)}ECONNREFUSED`
    live.show('running, 1 s')
    live.show(words)
    live.show('running, 3 s')
    live.clear()
    live.clear()
    const [first, eraseOne, long = '', eraseThree, last, erase, ...rest] = stream.written
    assert.deepEqual(
      [first, eraseOne, last, erase, rest],
      ['running, 1 s', '\r\u001b[J', 'running, 3 s', '\r\u001b[J', []],
    )
    assert.equal(eraseThree, '\r\u001b[2A\u001b[J')
    assert.equal(long.replaceAll('\n', ' '), words)
    assert.ok(long.split('\n').every(line => line.length < 40))
  })

  it('writes each state once elsewhere, however often its text changes', () => {
    const stream = createStream(false)
    const live = createLiveLine(stream)
    for (const [text, state] of [
      ['waiting, 1 s', 'waiting'],
      ['waiting, 2 s', 'waiting'],
      ['attempt 1 failed, next in 7 s, 3 s', 'retrying 1'],
      ['attempt 1 failed, next in 6 s, 4 s', 'retrying 1'],
      ['attempt 2 failed, next in 9 s, 9 s', 'retrying 2'],
    ] as const)
      live.show(text, state)
    live.clear()
    assert.deepEqual(stream.written, [
      'waiting, 1 s\n',
      'attempt 1 failed, next in 7 s, 3 s\n',
      'attempt 2 failed, next in 9 s, 9 s\n',
    ])
  })
})
