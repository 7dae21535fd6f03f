import assert from 'node:assert/strict'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createCloudLogs, createLocalLogs} from '../../../deploy/runs/log-lines.ts'

describe('the log lines of a run', () => {
  it('come from Cloud Logging by the run’s label, oldest first, without a terminal’s escapes', async () => {
    const asked: (readonly string[])[] = []
    const logs = createCloudLogs(async args => {
      asked.push(args)
      const timestamp = '2026-11-23T08:00:00.123456Z'
      return JSON.stringify([
        {insertId: 'a', timestamp, severity: 'INFO', jsonPayload: {message: 'begins \u001b[2J', labels: {}}},
        {insertId: 'b', timestamp, textPayload: 'crashed'},
      ])
    })
    assert.deepEqual(await logs('bootstrap@1'), [
      {id: 'a', text: '2026-11-23T08:00:00.123Z INFO    begins '},
      {id: 'b', text: '2026-11-23T08:00:00.123Z DEFAULT crashed'},
    ])
    assert.ok(asked[0]?.includes('labels.runId="bootstrap@1"') && asked[0].includes('--order=asc'), String(asked[0]))
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
