import assert from 'node:assert/strict'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createCloudLogs, createLocalLogs} from '../../../deploy/runs/log-lines.ts'

/** As gcloud answers: the newest first unless it is told otherwise, and no more than the limit. */
function createLogs(
  entries: readonly (Readonly<Record<string, unknown>> & {readonly insertId: string; readonly timestamp: string})[],
) {
  const asked: (readonly string[])[] = []
  const logs = createCloudLogs(async args => {
    asked.push(args)
    const from = /timestamp>="([^"]*)"/.exec(args[2] ?? '')?.[1] ?? ''
    const found = entries.filter(({timestamp}) => timestamp >= from)
    const limit = Number(args.find(arg => arg.startsWith('--limit='))?.slice(8))
    return JSON.stringify((args.includes('--order=asc') ? found : found.toReversed()).slice(0, limit))
  })
  return {logs, asked}
}

const at = (second: number) => new Date(Date.UTC(2026, 10, 23, 8, 0, second, 123)).toISOString().replace('Z', '456Z')

describe('the log lines of a run', () => {
  it('come from Cloud Logging by the run’s label, oldest first, without a terminal’s escapes', async () => {
    const {logs, asked} = createLogs([
      {insertId: 'a', timestamp: at(0), severity: 'INFO', jsonPayload: {message: 'begins \u001b[2J', labels: {}}},
      {insertId: 'b', timestamp: at(1), textPayload: 'crashed'},
    ])
    assert.deepEqual(await logs('bootstrap@1'), [
      {id: 'a', text: '2026-11-23T08:00:00.123Z INFO    begins ', at: new Date('2026-11-23T08:00:00.123Z')},
      {id: 'b', text: '2026-11-23T08:00:01.123Z DEFAULT crashed', at: new Date('2026-11-23T08:00:01.123Z')},
    ])
    assert.ok(asked[0]?.includes('labels.runId="bootstrap@1"'), String(asked[0]))
  })

  it('are the latest where Cloud Logging has more than are read, still oldest first', async () => {
    const {logs} = createLogs(
      Array.from({length: 5001}, (_, index) => ({insertId: `${index}`, timestamp: at(index), textPayload: ''})),
    )
    const lines = await logs('bootstrap@1')
    assert.deepEqual([lines.length, lines[0]?.id, lines.at(-1)?.id], [5000, '1', '5000'])
  })

  it('are those from a moment on, where Cloud Logging is asked for those alone', async () => {
    const {logs, asked} = createLogs(
      [0, 1, 2].map(second => ({insertId: `${second}`, timestamp: at(second), textPayload: ''})),
    )
    const lines = await logs('bootstrap@1', new Date('2026-11-23T08:00:01Z'))
    assert.deepEqual(
      lines.map(({id}) => id),
      ['1', '2'],
    )
    assert.ok(!String(asked[0]).includes('--freshness'), 'gcloud ignores it beside a timestamp')
  })

  it('come from the sandbox’s file: those with its id, and the stacks below them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'logs-'))
    try {
      const path = join(folder, 'functions.log')
      const lines = [
        '2026-11-22 08:00:00.500 info  bootstrap@2 #1 of another run',
        '    at the stack of another run',
        '2026-11-23 08:00:00.500 info  bootstrap@1 is claimed',
        '2026-11-23 08:00:00.600 info  bootstrap@11 #1 of another run, about bootstrap@1',
        '2026-11-23 08:00:01.500 error bootstrap@1 #1 ends',
        'Error: with a stack',
        '    at a line of it',
        '2026-11-23 08:00:01.600 info  daily-alerts@1 #1 of another job',
      ]
      await writeFile(path, lines.map(line => `${line}\n`).join(''))
      const own = await createLocalLogs(path)('bootstrap@1')
      assert.deepEqual(
        own.map(({text}) => text),
        [
          '2026-11-23 08:00:00.500 info  bootstrap is claimed',
          '2026-11-23 08:00:01.500 error bootstrap #1 ends',
          'Error: with a stack',
          '    at a line of it',
        ],
      )
      assert.deepEqual(await createLocalLogs(join(folder, 'none'))('bootstrap@1'), [])
    } finally {
      await rm(folder, {recursive: true})
    }
  })

  it('keep their ids when the older file is dropped, and equal lines have different ones', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'logs-'))
    try {
      const path = join(folder, 'functions.log')
      const line = (text: string) => `2026-11-23 08:00:00.500 info  bootstrap@1 #1 ${text}\n`
      await writeFile(`${path}.1`, line('first'))
      await writeFile(path, line('same') + line('same'))
      const before = await createLocalLogs(path)('bootstrap@1')
      assert.equal(new Set(before.map(({id}) => id)).size, 3)
      await rm(`${path}.1`)
      assert.deepEqual(await createLocalLogs(path)('bootstrap@1'), before.slice(1))
    } finally {
      await rm(folder, {recursive: true})
    }
  })
})
