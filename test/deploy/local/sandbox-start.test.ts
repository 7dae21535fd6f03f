import assert from 'node:assert/strict'
import {appendFile, mkdtemp, readdir, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {findRunningSandbox} from '../../../deploy/local/sandbox-file.ts'
import {startTestSandbox} from '../../support/test-sandbox.ts'

describe('startSandbox in a folder', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sandbox-'))
  })
  afterEach(() => rm(folder, {recursive: true}))

  it('is found while it runs, keeps its files to itself, and has a second one told who is there', async () => {
    const sandbox = await startTestSandbox({folder})
    assert.deepEqual(await findRunningSandbox(folder), sandbox.addresses)
    assert.equal((await stat(folder)).mode & 0o077, 0)
    await assert.rejects(startTestSandbox({folder}), {
      message: new RegExp(`^the sandbox in ${folder} is in use by process ${process.pid}, since \\d{4}-`),
    })
    assert.deepEqual(await findRunningSandbox(folder), sandbox.addresses, 'the loser took nothing away')
    await sandbox.stop()
    assert.equal(await findRunningSandbox(folder), undefined)
  })

  // The root hooks say what listens when the tests are over.
  for (const [name, service, reason] of [
    ['journal.jsonl', 'Pub/Sub', /can't read line 1 of its journal .*journal\.jsonl/],
    ['admin-api.json', 'admin API', /state can't be read from .*admin-api\.json/],
    ['bigquery.duckdb', 'BigQuery', /bigquery\.duckdb/],
  ] as const) {
    it(`says that ${name} is damaged, stops whatever had begun, and lets go of the folder`, async () => {
      await writeFile(join(folder, name), 'no such thing as a state file\n'.repeat(500))
      const error = await startTestSandbox({folder}).then(
        () => assert.fail('it started'),
        (error: unknown) => error,
      )
      assert.ok(error instanceof Error)
      assert.match(error.message, new RegExp(`^the sandbox can't start its ${service}: `))
      assert.match(error.message, reason)
      await rm(join(folder, name))
      const sandbox = await startTestSandbox({folder})
      await sandbox.stop()
    })
  }

  it('leaves what it does not know in the folder alone', async () => {
    await appendFile(join(folder, 'notes.txt'), 'mine')
    const sandbox = await startTestSandbox({folder})
    await sandbox.stop()
    assert.ok((await readdir(folder)).includes('notes.txt'))
  })
})
