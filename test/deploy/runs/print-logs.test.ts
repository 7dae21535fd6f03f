import assert from 'node:assert/strict'
import timers from 'node:timers/promises'
import {parseEnvironmentName} from '../../../deploy/catalogue/environments.ts'
import {printLogs} from '../../../deploy/runs/logs.ts'
import {createEntry} from '../../support/ledger-entry.ts'

describe('printLogs', () => {
  it('waits for the run no longer where the lines can’t be had', async () => {
    let asked = 0
    const stop = new AbortController()
    const printing = printLogs(
      {
        io: {stdout: () => undefined, stderr: () => undefined, env: {}} as never,
        ledger: {history: async () => [createEntry({})]} as never,
        async ledgerVersion() {
          asked += 1
          return undefined
        },
        environment: parseEnvironmentName('local', {}),
        logFile: undefined,
        logHint: () => '',
        signal: stop.signal,
        pace: {nearMilliseconds: 1, farMilliseconds: 1},
      },
      async () => {
        throw new Error('gcloud is not there')
      },
      {runId: 'bootstrap@1', follow: true, pauseMilliseconds: 1},
    )
    await assert.rejects(printing, {message: 'gcloud is not there'})
    // What was begun ends; nothing new is asked.
    await timers.setTimeout(5)
    const before = asked
    await timers.setTimeout(20)
    stop.abort()
    assert.equal(asked, before)
  })
})
