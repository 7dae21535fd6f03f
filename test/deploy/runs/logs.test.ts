import assert from 'node:assert/strict'
import {Readable, Writable} from 'node:stream'
import {parseEnvironmentName} from '../../../deploy/catalogue/environments.ts'
import {printLogs} from '../../../deploy/runs/logs.ts'
import {createEntry} from '../../support/ledger-entry.ts'
import {createMemoryLedger} from '../../support/memory-ledger.ts'
import {until} from '../../support/test-sandbox.ts'
import {typeCommand} from '../../support/type-command.ts'
import {useSandbox} from '../../support/use-sandbox.ts'

describe('npm run logs, while a sandbox is up', function () {
  this.timeout(60_000)
  const scene = useSandbox()
  const type = (line: string) => typeCommand(line, {sandboxFolder: scene.folder})

  it("prints a run's lines, and none of another run of the same job", async () => {
    await scene.sandbox.run('bootstrap', 'one')
    await scene.sandbox.run('bootstrap', 'two', {forceSync: true})
    const {code, stdout} = await type('npm run logs -- local bootstrap@one')
    assert.equal(code, 0)
    assert.match(
      stdout,
      /^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} info {2}bootstrap #1 OpenClaw initializing .*args=\{/m,
    )
    assert.match(stdout, /succeeded/)
    assert.doesNotMatch(stdout, /"forceSync":true/)
    assert.match((await type('npm run logs -- local bootstrap@two')).stdout, /args=\{.*"forceSync":true/)
  })

  it('prints them in the terminal of `npm run local` without the id', () => {
    assert.ok(scene.sandbox.lines.some(line => / bootstrap #1 OpenClaw/.test(line)))
    assert.ok(!scene.sandbox.lines.some(line => line.includes('bootstrap@')), scene.sandbox.lines.join('\n'))
  })

  it('follows a run to its end', async () => {
    await type('npm run faults -- local add api:down')
    const runId = 'bootstrap@followed'
    await scene.sandbox.publish('manual-jobs', '{}', {job: 'bootstrap', runId})
    const following = type(`npm run logs -- local ${runId} --follow`)
    await until('the run has met the fault', async () =>
      scene.sandbox.adminApi.exchanges().find(({fault}) => fault !== undefined),
    )
    await type('npm run faults -- local clear')
    const {code, stdout} = await following
    assert.equal(code, 0)
    assert.match(stdout, /warn {2}bootstrap #1 .*try 1 of 7 failed[\s\S]*succeeded/)
  })

  it('says where it looked, where a run has none', async () => {
    const {code, stderr} = await type('npm run logs -- local bootstrap@nowhere')
    assert.equal(code, 1)
    assert.match(
      stderr,
      /has nothing of bootstrap@nowhere yet\.\nNo log lines of bootstrap@nowhere\. The sandbox keeps/,
    )
  })
})

describe('npm run logs --follow, in the cloud', () => {
  const runId = 'bootstrap@1'
  const at = (second: number) => new Date(Date.UTC(2026, 10, 26, 8, 0, second))
  const line = (second: number) => ({id: `${second}`, text: `line ${second}`, at: at(second)})

  /** @param answers what Cloud Logging lists each time it is asked, the last one from then on; the run ends at once. */
  async function follow(answers: readonly (readonly ReturnType<typeof line>[])[]) {
    const stdout: string[] = []
    const stderr: string[] = []
    const asked: (Date | undefined)[] = []
    const ledger = createMemoryLedger()
    ledger.entries.push(createEntry({runId}))
    const session = {
      io: {
        stdout: (text: string) => void stdout.push(text),
        stderr: (text: string) => void stderr.push(text),
        env: {},
        stdin: Readable.from([]),
        terminal: Object.assign(new Writable(), {isTTY: false, columns: 80}),
      },
      environment: parseEnvironmentName('stage', {}),
      logFile: undefined,
      logHint: () => 'https://console.cloud.google.com/logs',
      ledger,
      ledgerVersion: async () => String(ledger.entries.length),
      signal: new AbortController().signal,
      pace: {nearMilliseconds: 1, farMilliseconds: 1},
    }
    const logs = async (_runId: string, since?: Date) => {
      asked.push(since)
      if (asked.length === 1) ledger.entries.push(createEntry({runId, event: 'succeeded'}))
      return answers[Math.min(asked.length, answers.length) - 1] ?? []
    }
    const count = await printLogs(session, logs, {runId, follow: true, pauseMilliseconds: 5})
    return {count, stdout, stderr, asked}
  }

  it('asks for what is new with an overlap of a minute, and prints each line once', async () => {
    const {count, stdout, asked} = await follow([[line(30)], [line(29), line(30), line(40)], []])
    assert.deepEqual(stdout, ['line 30', 'line 29', 'line 40'])
    assert.equal(count, 3)
    assert.deepEqual(asked.slice(0, 3), [undefined, at(30 - 60), at(40 - 60)])
  })

  it('prints the end of the log, which Cloud Logging lists after the run is over', async () => {
    const {stdout} = await follow([[line(1)], [line(1)], [line(1)], [line(1)], [line(1), line(2)]])
    assert.deepEqual(stdout, ['line 1', 'line 2'])
  })

  it('says so where there are more lines than it reads', async () => {
    const {stderr} = await follow([Array.from({length: 5000}, (_, second) => line(second)), []])
    assert.deepEqual(stderr, [
      'Only the latest 5000 lines. In the Logs Explorer: https://console.cloud.google.com/logs',
    ])
  })
})
