import assert from 'node:assert/strict'
import fc from 'fast-check'
import {type AnswerEvent, createAnswerReader} from '../../../../../deploy/local/pubsub/delivery/http-answer.ts'

const head = (line: string, ...headers: string[]) => [`HTTP/1.1 ${line}`, ...headers, '', ''].join('\r\n')

function read(...chunks: string[]): AnswerEvent[] {
  const events: AnswerEvent[] = []
  const reader = createAnswerReader(event => events.push(event))
  for (const chunk of chunks) reader(Buffer.from(chunk, 'latin1'))
  return events
}

const final = (status: number, isReusable: boolean): AnswerEvent => ({kind: 'final', status, isReusable})

describe('createAnswerReader', () => {
  for (const [title, text, events] of [
    ['an answer without a body', head('204 No Content', 'Date: today'), [final(204, true)]],
    ['an answer with a body', `${head('500 Oops', 'content-length: 4')}oops`, [final(500, true)]],
    ['an empty body', head('200 OK', 'Content-Length: 0'), [final(200, true)]],
    ['no reason phrase', head('200', 'Content-Length: 0'), [final(200, true)]],
    ['a connection that is to be closed', head('204 No Content', 'Connection: close'), [final(204, false)]],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n', [final(200, false)]],
    ['a chunked body, without waiting for it', head('200 OK', 'Transfer-Encoding: chunked'), [final(200, false)]],
    ['a body that ends with the connection', head('200 OK'), [final(200, false)]],
    ['more than was announced', `${head('200 OK', 'content-length: 1')}ab`, [final(200, false)]],
    [
      '102 before the answer',
      `${head('102 Processing')}${head('500 Oops', 'content-length: 0')}`,
      [{kind: 'interim', status: 102}, final(500, true)],
    ],
    [
      '100 and 103, which say nothing',
      `${head('100 Continue')}${head('103 Early Hints', 'Link: x')}${head('204 Done')}`,
      [final(204, true)],
    ],
    ['two answers after each other', `${head('204 One')}${head('200 Two', 'content-length: 0')}`, [final(204, false)]],
    ['what is no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n', [{kind: 'broken', problem: 'it is no HTTP/1.1 answer'}]],
    ['a switch of protocols', head('101 Switching'), [{kind: 'broken', problem: 'it wants to switch protocols'}]],
    [
      'an endless head',
      `HTTP/1.1 200 OK\r\n${'x'.repeat(70_000)}`,
      [{kind: 'broken', problem: 'its head does not end'}],
    ],
  ] as const) {
    it(`reads ${title}`, () => {
      assert.deepEqual(read(text), events)
    })
  }

  it('reads the same however the bytes arrive', () => {
    const statuses = fc.constantFrom(102, 200, 204, 404, 500)
    fc.assert(
      fc.property(statuses, fc.nat(10), fc.array(fc.nat(80)), (status, length, cuts) => {
        const whole = `${head(`${status} Text`, `content-length: ${length}`)}${status === 204 || status === 102 ? '' : 'x'.repeat(length)}`
        const chunks = [...cuts.sort((one, other) => one - other), whole.length].map((cut, index, all) =>
          whole.slice(all[index - 1] ?? 0, cut),
        )
        assert.deepEqual(read(...chunks.filter(chunk => chunk !== '')), read(whole))
      }),
    )
  })
})
