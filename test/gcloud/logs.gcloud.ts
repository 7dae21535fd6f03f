import assert from 'node:assert/strict'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import * as z from 'zod'
import {createGcloud} from '../../deploy/cloud/gcloud/gcloud.ts'
import {createCloudLogs} from '../../deploy/runs/log-lines.ts'
import {startGcloudRecorder} from '../support/gcloud-recorder.ts'

const projectId = 'cloudact-testing-1'
const requestSchema = z.object({filter: z.string(), orderBy: z.string(), resourceNames: z.array(z.string())})

/** What the real gcloud asks of Cloud Logging for a run's log lines. */
describe('the log lines of a run, by the real gcloud', function () {
  this.timeout(120_000)

  it('are the newest of all time, and the newest since a moment', async () => {
    const recorder = await startGcloudRecorder({projectId, projectNumber: '123456789012', secrets: []})
    const folder = await mkdtemp(join(tmpdir(), 'gcloud-'))
    try {
      const entry = (id: string, second: number) => ({
        insertId: id,
        timestamp: new Date(Date.UTC(2026, 10, 26, 8, 0, second)).toISOString(),
        logName: `projects/${projectId}/logs/run.googleapis.com%2Fstdout`,
        severity: 'INFO',
        jsonPayload: {message: id},
      })
      recorder.refuse = ({path}) =>
        path === 'v2/entries:list' ? {status: 200, body: {entries: [entry('b', 2), entry('a', 1)]}} : undefined
      const logs = createCloudLogs(
        createGcloud({env: recorder.env(folder), projectId, signal: new AbortController().signal}),
      )
      const lines = await logs('bootstrap@1')
      assert.deepEqual(
        lines.map(({id}) => id),
        ['a', 'b'],
      )
      await logs('bootstrap@1', new Date('2026-11-26T08:00:01.500Z'))
      const [all, since] = recorder.requests
        .filter(({path}) => path === 'v2/entries:list')
        .map(({body}) => requestSchema.parse(body))
      assert.equal(all?.orderBy, 'timestamp desc')
      assert.deepEqual(all.resourceNames, [`projects/${projectId}`])
      assert.match(all.filter, /labels\.runId="bootstrap@1"/)
      // 400 days before now, which gcloud adds of its own.
      const [, from = ''] = /timestamp>="(\d{4}-\d\d-\d\d)T/.exec(all.filter) ?? []
      assert.ok(Math.abs(Date.now() - Date.parse(from) - 400 * 86_400_000) < 3 * 86_400_000, all.filter)
      assert.equal(since?.orderBy, 'timestamp desc')
      assert.equal(since.filter, 'labels.runId="bootstrap@1" AND timestamp>="2026-11-26T08:00:01.500Z"')
    } finally {
      await recorder.stop()
      await rm(folder, {recursive: true})
    }
  })
})
