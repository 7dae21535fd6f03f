import assert from 'node:assert/strict'
import {copyFile, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {connectionTrouble} from '../../../deploy/local/supabase/connection-trouble.ts'
import {type SupabaseEmulator, startSupabase} from '../../../deploy/local/supabase/server.ts'
import migrate from '../../../functions/manual/supabase-migrate.ts'
import {createSupabase} from '../../../lib/supabase/supabase.ts'
import {runJob} from '../../support/job-run.ts'
import {createRecordingLog} from '../../support/recording-log.ts'

const realistic = fileURLToPath(new URL('../../support/supabase-migrations/', import.meta.url))

describe('supabase-migrate', function () {
  this.timeout(120_000)
  let emulator: SupabaseEmulator
  let folder: string
  let runs = 0
  before(async () => {
    emulator = await startSupabase({accessToken: 'sbp_right', projectRef: 'local', requestsPerMinute: 100_000})
    await emulator.query('select 1')
    folder = await mkdtemp(join(tmpdir(), 'migrations-'))
    for (const name of await readdir(realistic)) await copyFile(join(realistic, name), join(folder, name))
  })
  after(async () => {
    await emulator.stop()
    await rm(folder, {recursive: true})
  })

  async function run(args: Record<string, unknown> = {}, accessToken = 'sbp_right', from = folder) {
    const supabase = createSupabase({
      baseUrl: emulator.url,
      accessToken,
      projectRef: 'local',
      log: createRecordingLog().log,
      signal: new AbortController().signal,
      deadline: new Date(Date.now() + 300_000),
      now: () => new Date(),
      random: () => 0,
      newRequestId: () => 'request',
    })
    runs += 1
    const {outcome} = await runJob(migrate, {
      args,
      supabase,
      runId: `supabase-migrate@${runs}`,
      env: {SUPABASE_MIGRATIONS_DIR: from},
    })
    return outcome
  }
  const recorded = async () => {
    const rows = await emulator.query('select filename from public.schema_migrations order by id')
    return rows.map(row => String(Object.values(row as object)[0]))
  }
  const put = (name: string, sql: string) => writeFile(join(folder, name), sql)

  it('applies forty and more realistic files in the order of their whole names, each once', async () => {
    const files = (await readdir(folder)).length
    const queriesBefore = emulator.requestLog.length
    const dry = await run({dryRun: true})
    assert.equal(dry.counts['filesPending'], files)
    assert.deepEqual(await recorded(), [])
    const outcome = await run()
    assert.equal(outcome.event, 'succeeded', outcome.summary)
    assert.equal(outcome.counts['filesApplied'], files)
    const names = await recorded()
    assert.ok(names.indexOf('02_profiles.sql') < names.indexOf('02a_profile_preferences.sql'))
    assert.ok(names.indexOf('02a_profile_preferences.sql') < names.indexOf('03_handle_new_user.sql'))
    // Each file one request; one to read the table for each run, one to prove the records, 5 more for each that is sent alone.
    assert.ok(emulator.requestLog.length - queriesBefore <= files + 3 + 3 * 6)
    const again = await run()
    assert.match(
      again.summary,
      new RegExp(
        `^nothing to apply: ${files} files are applied already; ${files} files of /.* \\(hash [0-9a-f]{12}\\)$`,
      ),
    )
  })

  it('leaves the database as it was before a file that fails, and says where it fails', async () => {
    await put('60_good.sql', 'create table public.good (id int)')
    await put('61_bad.sql', 'create table public.half (id int);\n\ninsert into public.nowhere values (1);\n')
    await put('62_later.sql', 'create table public.later (id int);')
    const outcome = await run()
    assert.equal(outcome.event, 'failed')
    assert.match(outcome.summary, /^61_bad\.sql, line 3: 42P01: relation "public\.nowhere" does not exist/)
    assert.match(outcome.summary, /staying so: 60_good\.sql/)
    const [row] = await emulator.query("select to_regclass('public.half') as half, to_regclass('public.good') as good")
    assert.deepEqual(Object.values(row as object), [null, 'good'])
    await put('61_bad.sql', 'select 1 -- mended')
    assert.equal((await run()).counts['filesApplied'], 2)
  })

  it('applies each file once when two runners are at it', async () => {
    await put('70_once.sql', 'create table public.once (id int); select pg_sleep(0.2);')
    const outcomes = await Promise.all([run(), run()])
    assert.deepEqual(
      outcomes.map(({event}) => event),
      ['succeeded', 'succeeded'],
    )
    assert.deepEqual(outcomes.map(({counts}) => counts['filesApplied']).sort(), [0, 1])
  })

  it('looks at the record before it repeats a file whose answer was lost', async () => {
    await put('71_lost.sql', 'create table public.lost (id int);')
    const path = '/v1/projects/local/database/query'
    emulator.faults.inject({path, kind: 'slow'})
    emulator.faults.inject({path, kind: 'reset-after'})
    assert.equal((await run()).counts['filesApplied'], 1)
    await put('72_trouble.sql', 'create table public.trouble (id int);')
    emulator.faults.inject({path, kind: 'slow'})
    emulator.faults.inject({path, kind: 'status', response: connectionTrouble.connectTimeout})
    assert.equal((await run()).counts['filesApplied'], 1)
  })

  it('reports files that were changed after they were applied, and refuses to go on when it is strict', async () => {
    await put('60_good.sql', 'create table public.good (id bigint)')
    const outcome = await run()
    assert.equal(outcome.event, 'degraded')
    assert.match(outcome.errors.join(), /60_good\.sql was changed/)
    await put('73_more.sql', 'select 1')
    assert.equal((await run({strict: true})).event, 'failed')
    assert.equal((await run({strict: true})).counts['filesPending'], 1)
  })

  it('knows the checksums of older runners, whole and of 16 digits, and reports what is recorded and missing', async () => {
    await put('60_good.sql', 'create table public.good (id int)')
    await run()
    await emulator.query("update public.schema_migrations set checksum = left(checksum, 16) where filename like '6%'")
    await emulator.query("insert into public.schema_migrations (filename) values ('00_gone.sql')")
    const outcome = await run()
    assert.equal(outcome.event, 'succeeded')
    assert.match(outcome.warnings.join(), /00_gone\.sql is recorded as applied/)
  })

  it('repeats one applied file only when it is forced to', async () => {
    assert.equal((await run({only: '73'})).counts['filesApplied'], 0)
    assert.equal((await run({force: '73'})).counts['filesApplied'], 1)
    assert.match((await run({only: '99'})).summary, /there is no file "99"/)
    assert.match(
      (await run({only: '20'})).summary,
      /"20" is more than one file, name one in full: 20_budgets\.sql, 20_cost_alerts\.sql/,
    )
  })

  it('names the token when it is refused', async () => {
    await assert.rejects(run({}, 'sbp_wrong'), /SUPABASE_ACCESS_TOKEN is not valid for this project/)
  })

  it('runs nothing from a folder that holds what is no migration', async () => {
    const bad = await mkdtemp(join(tmpdir(), 'migrations-'))
    try {
      await writeFile(join(bad, 'init.sql'), 'select 1')
      await writeFile(join(bad, '01_a.sql'), Buffer.from([0xff, 0xfe]))
      await writeFile(join(bad, '02_b.sql'), 'select 1')
      await writeFile(join(bad, '02_B.sql'), 'select 1')
      await assert.rejects(run({}, 'sbp_right', bad), error => {
        assert.match(String(error), /"init\.sql" isn't a migration's name/)
        assert.match(String(error), /01_a\.sql is not UTF-8/)
        assert.match(String(error), /differ only in case/)
        return true
      })
    } finally {
      await rm(bad, {recursive: true})
    }
  })
})
