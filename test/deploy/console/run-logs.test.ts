import assert from 'node:assert/strict'
import {Readable, Writable} from 'node:stream'
import {parseEnvironmentName} from '../../../deploy/catalogue/environments.ts'
import {createRunLogs} from '../../../deploy/console/run-logs.ts'

describe('createRunLogs', () => {
  const terminal = Object.assign(new Writable(), {isTTY: false, columns: 80})
  const session = (now = () => new Date()) => ({
    environment: parseEnvironmentName('local', {}),
    logFile: undefined,
    logHint: () => '',
    io: {stdout: () => undefined, stderr: () => undefined, env: {}, stdin: Readable.from([]), terminal},
    signal: new AbortController().signal,
    now,
  })
  const lines = (count: number) => Array.from({length: count}, (_, index) => ({id: `${index}`, text: `line ${index}`}))

  it('gives the latest lines, says how many it leaves out, and takes control characters away', async () => {
    const logs = createRunLogs(session(), 500, async () => async () => [
      ...lines(1200),
      {id: 'last', text: `\u001b[31mred\u202e${'x'.repeat(5000)}`},
    ])
    const {lines: shown, leftOut, missing} = await logs('bootstrap@1', 1)
    assert.equal(shown.length, 1000)
    assert.equal(leftOut, 201)
    assert.equal(missing, null)
    assert.match(shown.at(-1)?.text ?? '', /^redx{1997}… \(cut\)$/)
  })

  it('says where to look if there are none, and why if they could not be read', async () => {
    const none = await createRunLogs(session(), 500, async () => async () => [])('bootstrap@1', 1)
    assert.match(none.missing ?? '', /^No log lines of this run\. This sandbox keeps none/)
    const refused = createRunLogs(session(), 500, async () => async () => {
      throw new Error('gcloud is not installed: install it from https://cloud.google.com/sdk')
    })
    assert.match((await refused('bootstrap@1', 1)).missing ?? '', /can't be read: .*gcloud is not installed/)
  })

  it('asks once for all who look at a run within the time, and again after it', async () => {
    let now = 0
    let asked = 0
    const logs = createRunLogs(
      session(() => new Date(now)),
      500,
      async () => async () => {
        asked += 1
        return lines(1)
      },
    )
    await Promise.all([logs('bootstrap@1', 1), logs('bootstrap@1', 1), logs('bootstrap@1', 1)])
    assert.equal(asked, 1)
    await logs('bootstrap@2', 1)
    assert.equal(asked, 2)
    now = 500
    await logs('bootstrap@1', 1)
    assert.equal(asked, 3)
  })

  it('serves no answer that was asked for before the last entry of the run was known', async () => {
    const written = ['claimed']
    const answers: PromiseWithResolvers<void>[] = []
    const logs = createRunLogs(session(), 10_000, async () => async () => {
      const found = written.map(text => ({id: text, text}))
      const answer = Promise.withResolvers<void>()
      answers.push(answer)
      await answer.promise
      return found
    })
    const running = logs('bootstrap@1', 1)
    const atOnce = logs('bootstrap@1', 1)
    await Promise.resolve()
    written.push('succeeded')
    // The one that is under way can't have the last lines.
    const over = logs('bootstrap@1', 2)
    await new Promise(setImmediate)
    assert.equal(answers.length, 2)
    for (const answer of answers) answer.resolve()
    assert.equal((await running).lines.length, 1)
    assert.equal(await atOnce, await running)
    assert.equal((await over).lines.at(-1)?.text, 'succeeded')
    assert.equal(await logs('bootstrap@1', 2), await over)
  })
})
