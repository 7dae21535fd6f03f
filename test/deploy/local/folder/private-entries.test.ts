import assert from 'node:assert/strict'
import {chmod, mkdtemp, readdir, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {isOwnEntry} from '../../../../deploy/local/folder/private-folder.ts'
import {writePaused} from '../../../../deploy/local/paused-schedules.ts'
import {startTestSandbox} from '../../../support/test-sandbox.ts'

describe("what the sandbox keeps in somebody's folder", function () {
  this.timeout(60_000)
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'private-entries-'))
    // Open to all, and it stays so: it holds something else.
    await writeFile(join(folder, 'notes.txt'), '')
    await chmod(folder, 0o755)
  })
  afterEach(() => rm(folder, {recursive: true}))

  /** Each of the sandbox's entries, and what a group and others may do with it. */
  async function openEntries(): Promise<string[]> {
    const names = (await readdir(folder)).filter(isOwnEntry)
    const modes = await Promise.all(names.map(async name => (await stat(join(folder, name))).mode & 0o077))
    return names.filter((_, index) => modes[index] !== 0)
  }

  it('is readable by its owner alone, while it is up and later', async () => {
    const mask = process.umask()
    const sandbox = await startTestSandbox({folder})
    try {
      await sandbox.run('bootstrap', 'private')
      await sandbox.supabase.query('select 1')
      await writePaused(folder, 'daily-alerts', new Date())
      const names = await readdir(folder)
      for (const name of ['admin-api.json', 'bigquery.duckdb', 'bigquery.duckdb.wal', 'paused.json', 'supabase']) {
        assert.ok(names.includes(name), `${name} is not among ${names}`)
      }
      assert.deepEqual(await openEntries(), [])
    } finally {
      await sandbox.stop()
    }
    assert.deepEqual(await openEntries(), [])
    assert.equal((await stat(join(folder, 'notes.txt'))).mode & 0o777, 0o644)
    assert.equal(process.umask(), mask)
  })

  it('is readable by its owner alone where a killed process left a draft that everybody reads', async () => {
    await writeFile(join(folder, 'paused.json.new'), '', {mode: 0o644})
    await writePaused(folder, 'daily-alerts', new Date())
    assert.deepEqual(await openEntries(), [])
  })
})
