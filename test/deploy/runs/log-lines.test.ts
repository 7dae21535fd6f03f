import assert from 'node:assert/strict'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createCloudLogs, createLocalLogs} from '../../../deploy/runs/log-lines.ts'
import {createEntry} from '../../support/ledger-entry.ts'
import {createMemoryLedger} from '../../support/memory-ledger.ts'

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

  it('come from the sandbox’s file: those of its job, of its time', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'logs-'))
    try {
      const path = join(folder, 'functions.log')
      const lines = [
        '07:00:00.000 info  bootstrap #1 of another run',
        '08:00:00.500 info  bootstrap #1 begins',
        '08:00:00.600 info  daily-alerts #1 of another job',
        '08:00:01.500 info  bootstrap #1 ends',
      ]
      await writeFile(path, lines.join('\n'))
      const ledger = createMemoryLedger()
      const at = '2026-11-23T08:00:00.400Z'
      ledger.entries.push(createEntry({at}), createEntry({event: 'succeeded', at: '2026-11-23T08:00:01.400Z'}))
      const own = await createLocalLogs(path, {ledger})('bootstrap@1')
      assert.deepEqual(
        own.map(({text}) => text),
        [lines[1], lines[3]],
      )
      assert.deepEqual(await createLocalLogs('the terminal', {ledger})('bootstrap@1'), [])
    } finally {
      await rm(folder, {recursive: true})
    }
  })
})
