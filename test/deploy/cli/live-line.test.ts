import assert from 'node:assert/strict'
import {createLiveLine} from '../../../deploy/cli/live-line.ts'
import {describeProgress} from '../../../deploy/runs/run-progress.ts'

function createStream(isTTY: boolean, columns = 40) {
  const written: string[] = []
  return {isTTY, columns, written, write: (text: unknown) => written.push(String(text)) > 0}
}

describe('createLiveLine', () => {
  it('rewrites one line on a terminal, never wider than that', () => {
    const stream = createStream(true)
    const live = createLiveLine(stream)
    live.show('running, 1 s')
    live.show('x'.repeat(100))
    live.clear()
    live.clear()
    assert.deepEqual(stream.written, ['\r\u001b[2Krunning, 1 s', `\r\u001b[2K${'x'.repeat(39)}`, '\r\u001b[2K'])
  })

  it('writes each new text once elsewhere, and the seconds alone are nothing new', () => {
    const stream = createStream(false)
    const live = createLiveLine(stream)
    for (const text of ['waiting, 1 s', 'waiting, 2 s', 'running, 3 s', 'running, 4 s']) live.show(text)
    live.clear()
    assert.deepEqual(stream.written, ['waiting, 1 s\n', 'running, 3 s\n'])
  })
})

describe('describeProgress', () => {
  const running = {state: 'running', attempt: 1, part: 1, since: new Date(0), counts: {}} as const

  for (const [progress, seconds, text] of [
    [{state: 'waiting'}, 3.9, 'published, waiting for the function, 3 s'],
    [{state: 'waiting'}, 31, 'nothing has started yet: is the function deployed and its subscription in place? 31 s'],
    [running, 5, 'running, attempt 1, 5 s'],
    [{...running, attempt: 2, part: 3}, 5, 'running, attempt 2, part 3, 5 s'],
    [{...running, counts: {orgsFailed: 2}}, 5, 'running, attempt 1, 2 orgs failed, 5 s'],
    [
      {...running, counts: {done: 5, total: 20, failed: 1}},
      10,
      'running, attempt 1 █████░░░░░░░░░░░░░░░ 5 of 20, 0.5/s, about 30 s left, 1 failed, 10 s',
    ],
    [{...running, counts: {done: 0, total: 20}}, 10, `running, attempt 1 ${'░'.repeat(20)} 0 of 20, 0.0/s, 10 s`],
    [{...running, counts: {done: 30, total: 20}}, 10, `running, attempt 1 ${'█'.repeat(20)} 30 of 20, 3.0/s, 10 s`],
    [{...running, counts: {done: 0, total: 0}}, 0, 'running, attempt 1, 0 s'],
    [
      {state: 'retrying', attempt: 2, part: 1, reason: 'r'.repeat(200)},
      9,
      `attempt 2 failed (${'r'.repeat(80)}), Pub/Sub tries again, 9 s`,
    ],
    [{state: 'continuing', part: 2, counts: {done: 5, total: 5}}, 5, `going on with part 2 ${'█'.repeat(20)} 5 of 5`],
  ] as const) {
    it(`is "${text.slice(0, 70)}"`, () => {
      assert.ok(describeProgress(progress, seconds).startsWith(text), describeProgress(progress, seconds))
    })
  }
})
