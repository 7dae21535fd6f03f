import assert from 'node:assert/strict'
import type pg from 'pg'
import type {ProjectDatabase} from '../../deploy/local/supabase/database.ts'
import {type SupabaseEmulator, startSupabase} from '../../deploy/local/supabase/server.ts'
import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import {analyzeFile} from '../../lib/migrations/analyze-file.ts'
import {applyInTransactions} from '../../lib/migrations/apply-migration.ts'
import {applyOutside} from '../../lib/migrations/apply-outside.ts'
import {parseMigrationFiles} from '../../lib/migrations/migration-file.ts'
import {
  createMigrationRunner,
  createRunnerClient,
  type MigrationRunner,
  runnerToken,
} from '../support/migration-runner.ts'
import {findPostgres, type PostgresServer, startPostgres} from '../support/postgres-server.ts'
import {createRecordingLog} from '../support/recording-log.ts'

/** What only a database with more than one connection shows. */
describe('migrations, locks and lost answers on a real PostgreSQL', function () {
  this.timeout(300_000)
  let server: PostgresServer | undefined
  let database: ProjectDatabase
  let emulator: SupabaseEmulator
  let runner: MigrationRunner
  let session: pg.Client
  before(async function () {
    const programs = await findPostgres()
    if (programs === undefined) {
      process.stdout.write('no PostgreSQL below /usr/lib/postgresql: skipped\n')
      this.skip()
    }
    server = await startPostgres(programs)
  })
  after(() => server?.stop())
  beforeEach(async () => {
    assert.ok(server !== undefined)
    ;({database, session} = await server.createDatabaseWithSession())
    emulator = await startSupabase({
      database,
      accessToken: runnerToken,
      projectRef: 'local',
      requestsPerMinute: 1_000_000,
      queryTimeoutMilliseconds: 20_000,
    })
    runner = await createMigrationRunner(
      emulator.url,
      new Map([['01_a.sql', 'create table public.busy (id int); insert into public.busy values (1);']]),
    )
    await runner.run()
  })
  afterEach(async () => {
    await session.end()
    await emulator.stop()
    await runner.remove()
  })

  it('gives a lock up after 5 s so that the queries behind it go on, names who holds it, and tries again', async () => {
    const lines: string[] = []
    await session.query("set application_name = 'report'; begin; select * from public.busy")
    const how = await apply('02_alter.sql', 'alter table public.busy add column note text;', {
      lines,
      onWait: async () => void (await session.query('rollback')),
    })
    assert.equal(how, 'applied')
    assert.match(
      lines.join('\n'),
      /02_alter\.sql: canceling statement due to lock timeout; process \d+ \(postgres, report; idle in transaction for \d+ s\) holds busy: .*select \* from public\.busy; next try in 2 s/,
    )
  })

  it('fails in a way that may pass while the lock is held, with the holder in its message; nothing stays', async () => {
    await session.query("set application_name = 'report'; begin; select * from public.busy")
    const sql =
      "create table public.before_it (id int); set local lock_timeout = '50ms'; alter table public.busy add column note text;"
    await assert.rejects(apply('02_alter.sql', sql), error => {
      assert.ok(error instanceof UnavailableError)
      assert.match(
        error.message,
        /lock timeout; process \d+ \(postgres, report; .* holds busy.*nothing of the file stayed/,
      )
      return true
    })
    assert.deepEqual(await emulator.query("select to_regclass('public.before_it') as found"), [{found: null}])
  })

  it('never sends a file with its own transactions twice: it reads the record a minute later', async () => {
    const waits: number[] = []
    const inject = emulator.faults.inject({
      kind: 'reset-after',
      matches: isAbout('do $migrate$ begin perform pg_advisory_lock'),
    })
    const how = await apply(
      '02_own.sql',
      'begin; insert into public.busy values (2); commit; insert into public.busy values (3);',
      {onWait: async seconds => void waits.push(seconds)},
    )
    inject()
    assert.equal(how, 'applied')
    assert.deepEqual(waits, [60])
    assert.deepEqual(await emulator.query('select count(*)::int as rows from public.busy'), [{rows: 3}])
  })

  it('leaves a request alone that still runs, and comes back later', async () => {
    const slow = database.run('/* migrate 02_slow.sql */ select pg_sleep(600)')
    try {
      await untilRunning()
      for (const sql of ['begin; insert into public.busy values (2); commit;', 'vacuum public.busy']) {
        await assert.rejects(
          apply('02_slow.sql', sql),
          /02_slow\.sql has been running in the database for \d+ s and is not sent twice/,
        )
      }
    } finally {
      await session.query(
        "select pg_cancel_backend(pid) from pg_stat_activity where query like '/* migrate%' and pid <> pg_backend_pid()",
      )
      await slow
    }
    assert.deepEqual(await emulator.query('select count(*)::int as rows from public.busy'), [{rows: 1}])
  })

  it('finds an INVALID index that a broken try left, names it, and goes on when it is gone', async () => {
    const sql = 'create unique index concurrently if not exists busy_id on public.busy (id);'
    await session.query('insert into public.busy values (1)')
    await assert.rejects(
      apply('02_index.sql', sql),
      /could not create unique index "busy_id".* left busy_id INVALID: run DROP INDEX CONCURRENTLY busy_id;/,
    )
    await session.query('delete from public.busy; insert into public.busy values (1)')
    // IF NOT EXISTS would take the broken index for the real one.
    await assert.rejects(apply('02_index.sql', sql), /a try that broke off left busy_id INVALID/)
    await session.query('drop index concurrently public.busy_id')
    assert.equal(await apply('02_index.sql', sql), 'applied')
  })

  it('finds out what a statement outside transactions did when its answer was lost', async () => {
    emulator.faults.inject({kind: 'reset-after', matches: isAbout('{"query":"/* migrate 02_index.sql */')})
    assert.equal(await apply('02_index.sql', 'create index concurrently busy_id on public.busy (id);'), 'applied')
    assert.equal(emulator.faults.pending(), 0)
    // Of a VACUUM nothing tells: the next attempt sends it again.
    emulator.faults.inject({kind: 'reset-after', matches: isAbout('{"query":"/* migrate 03_vacuum.sql */')})
    await assert.rejects(apply('03_vacuum.sql', 'vacuum public.busy'), {name: 'UnavailableError'})
    assert.equal(await apply('03_vacuum.sql', 'vacuum public.busy'), 'applied')
  })

  const isAbout =
    (text: string) =>
    ({body}: {readonly body: string}) =>
      body.includes(text)

  async function apply(
    name: string,
    sql: string,
    {onWait = async () => {}, lines = []}: {onWait?: (seconds: number) => Promise<void>; lines?: string[]} = {},
  ) {
    const [parsed] = parseMigrationFiles([{name, bytes: Buffer.from(sql)}])
    assert.ok(parsed !== undefined)
    const file = await analyzeFile(parsed)
    const recording = createRecordingLog()
    const supabase = createRunnerClient(emulator.url)
    const options = {supabase, log: recording.log, appliedBy: `run of ${name}`, isForced: false, wait: onWait}
    try {
      return await (file.kind === 'outside' ? applyOutside : applyInTransactions)(file, options)
    } finally {
      lines.push(...recording.lines)
    }
  }

  async function untilRunning(): Promise<void> {
    const query =
      "select 1 from pg_stat_activity where query like '/* migrate%' and state = 'active' and pid <> pg_backend_pid()"
    while ((await session.query(query)).rows.length === 0) await new Promise(resolve => setImmediate(resolve))
  }
})
