import assert from 'node:assert/strict'
import {type SupabaseEmulator, startSupabase} from '../../../deploy/local/supabase/server.ts'
import {createMigrationRunner, type MigrationRunner, runnerToken} from '../../support/migration-runner.ts'

/** A project of an older runner: lettered files are recorded nowhere. */
const older: ReadonlyMap<string, string> = new Map([
  ['01_a.sql', 'create table if not exists public.a (id int);'],
  ['02_b.sql', 'create table if not exists public.b (id int);'],
  ['02a_late.sql', 'create table public.late (id int);'],
  ['03_c.sql', 'create table if not exists public.c (id int);'],
  ['03_twin.sql', 'select 1;'],
  ['03a_later.sql', 'create table public.later (id int);'],
  ['04_d.sql', 'select 2;'],
])

describe('supabase-migrate and its records', function () {
  this.timeout(120_000)
  let emulator: SupabaseEmulator
  let runner: MigrationRunner
  before(async () => {
    emulator = await startSupabase({accessToken: runnerToken, projectRef: 'local', requestsPerMinute: 1_000_000})
    await emulator.warmUp()
  })
  after(() => emulator.stop())
  beforeEach(async () => {
    runner = await createMigrationRunner(emulator.url, older)
    await emulator.query('drop table if exists public.schema_migrations, public.late, public.later')
  })
  afterEach(() => runner.remove())

  const recordOlder = async (...names: readonly string[]) => {
    await runner.run({only: '01'})
    await emulator.query(
      `insert into public.schema_migrations (filename) values ${names.map(name => `('${name}')`).join(', ')}`,
    )
  }
  const rowOf = async (name: string) => {
    const rows = await emulator.query(`select * from public.schema_migrations where filename = '${name}'`)
    return rows[0]
  }
  const hasTable = async (name: string) => {
    const [row] = await emulator.query(`select to_regclass('public.${name}') is not null as found`)
    return row?.['found']
  }

  it('makes the table as the contract has it, closed to the API, and not for a dry run', async () => {
    assert.equal((await runner.run({dryRun: true})).counts['filesPending'], 7)
    assert.equal(await hasTable('schema_migrations'), false)
    assert.equal((await runner.run({only: '01'})).event, 'succeeded')
    const columns = await emulator.query(
      "select column_name as name, data_type || coalesce('(' || character_maximum_length || ')', '') as type, is_nullable from information_schema.columns where table_name = 'schema_migrations' order by ordinal_position",
    )
    assert.deepEqual(
      columns.map(({name, type, is_nullable}) => `${name} ${type} ${is_nullable}`),
      [
        'id integer NO',
        'filename character varying(255) NO',
        'applied_at timestamp with time zone YES',
        'checksum character varying(64) YES',
        'execution_time_ms integer YES',
        'applied_by character varying(255) YES',
      ],
    )
    const [table] = await emulator.query(
      "select relrowsecurity as closed from pg_class where oid = 'public.schema_migrations'::regclass",
    )
    assert.deepEqual(table, {closed: true})
  })

  it('refuses a pending file that comes before an applied one, and applies just the one that is allowed', async () => {
    await recordOlder('02_b.sql', '03_c.sql', '03_twin.sql')
    const refused = await runner.run()
    assert.equal(refused.event, 'failed')
    assert.match(refused.summary, /^02a_late\.sql is out of order: pending, but before files that are applied/)
    assert.match(refused.errors.join('\n'), /02a_late\.sql comes before 03_c\.sql, 03_twin\.sql, applied already/)
    assert.match(refused.errors.join('\n'), /npm run publish -- migrate local --arg outOfOrder=02a_late\.sql/)
    assert.equal(await rowOf('04_d.sql'), undefined)
    assert.equal((await runner.run({dryRun: true})).event, 'failed')
    assert.match((await runner.run({status: true})).summary, /02a_late\.sql: pending, out of order/)
    assert.equal((await runner.run({only: '02a'})).event, 'failed')
    const allowed = await runner.run({outOfOrder: ['02a_late.sql']})
    assert.match(allowed.summary, /^3 applied: 02a_late\.sql, 03a_later\.sql, 04_d\.sql;/)
  })

  it('counts a file or a range as applied without running it, by whom and why', async () => {
    await recordOlder('02_b.sql', '03_c.sql', '03_twin.sql', '04_d.sql')
    const marked = await runner.run({markApplied: '02..03a', reason: "it's there"})
    assert.match(
      marked.summary,
      /^counted as applied without running: 02a_late\.sql, 03a_later\.sql \(by ann: it's there\)/,
    )
    assert.match(marked.warnings.join(), /03_twin\.sql is applied already/)
    assert.match(
      String((await rowOf('02a_late.sql'))?.['applied_by']),
      /^marked as applied by ann: it's there; run supabase-migrate@/,
    )
    assert.equal(await hasTable('late'), false)
    assert.match((await runner.run()).summary, /^nothing to apply: 7 files/)
    assert.match(
      (await runner.run({markApplied: '03', reason: 'x'})).summary,
      /more than one file.*03_c\.sql, 03_twin\.sql/,
    )
  })

  it('makes a file pending again, or drops the record of one that is gone', async () => {
    await runner.run()
    await emulator.query("insert into public.schema_migrations (filename) values ('supabase_db/00_gone'), ('x')")
    assert.match(
      (await runner.run()).warnings.join('\n'),
      /00_gone\.sql is recorded .* --arg markPending=00_gone\.sql --arg reason="…"/,
    )
    await runner.run({markPending: '00_gone.sql', reason: 'renamed'})
    assert.equal(await rowOf('supabase_db/00_gone'), undefined)
    assert.match((await runner.run({markPending: '04', reason: 'again'})).summary, /^04_d\.sql is pending again/)
    assert.match((await runner.run()).summary, /^1 applied: 04_d\.sql/)
  })

  it('changes records only with a reason, and never along with files', async () => {
    await assert.rejects(runner.run({markApplied: '04'}), /reason is missing/)
    await assert.rejects(runner.run({markApplied: '04', reason: ' '}))
    await assert.rejects(runner.run({markApplied: '04', reason: 'x', only: '04'}), /change records only/)
    await assert.rejects(runner.run({markApplied: '04', markPending: '04', reason: 'x'}), /exclude each other/)
  })

  it('applies up to a target', async () => {
    assert.match((await runner.run({target: '02a'})).summary, /^3 applied: 01_a\.sql, 02_b\.sql, 02a_late\.sql/)
  })

  it('tells the story of a run over all its parts and attempts', async () => {
    const runId = 'supabase-migrate@story'
    const windDown = AbortSignal.abort()
    const first = await runner.run({target: '02'}, {runId})
    assert.equal(first.counts['filesApplied'], 2)
    const cut = await runner.run({}, {runId, windDown})
    assert.equal(cut.event, 'continued')
    assert.equal(cut.counts['filesApplied'], 2)
    const last = await runner.run({}, {runId})
    assert.match(last.summary, /^7 applied: 01_a\.sql, 02_b\.sql, 02a_late\.sql/)
    assert.match((await runner.run({}, {runId})).summary, /^7 applied/)
    assert.match((await runner.run()).summary, /^nothing to apply/)
    // A forced file is applied once in a run, however often its message comes.
    await runner.put(
      '01_a.sql',
      'create table if not exists public.counted (id serial); insert into public.counted default values;',
    )
    for (const _ of [1, 2]) await runner.run({force: '01'}, {runId: 'supabase-migrate@forced'})
    assert.deepEqual(await emulator.query('select count(*)::int as rows from public.counted'), [{rows: 1}])
  })

  it('refuses everything, before anything runs, for one file that can not be applied as it is', async () => {
    await runner.put('05_open.sql', 'begin;\ncreate table public.open (id int);')
    await runner.put('06_typo.sql', 'creat table x ();')
    const outcome = await runner.run()
    assert.equal(outcome.event, 'failed')
    assert.match(
      outcome.summary,
      /^2 of 9 files can't be applied, so nothing was: 05_open\.sql, line 1: the transaction/,
    )
    assert.match(
      outcome.errors.join('\n'),
      /06_typo\.sql, line 1: syntax error at or near "creat"\nLINE 1: creat table x \(\);\n {8}\^/,
    )
    assert.equal(await rowOf('01_a.sql'), undefined)
  })

  it('does not believe a success that left no record', async () => {
    await runner.run({target: '01'})
    await emulator.query(
      'create function public.swallow() returns trigger language plpgsql as $$ begin return null; end $$; create trigger swallow before insert on public.schema_migrations for each row execute function public.swallow()',
    )
    try {
      const outcome = await runner.run({target: '02'})
      assert.equal(outcome.event, 'failed')
      assert.match(outcome.summary, /^02_b\.sql: answered with success, but there is no record/)
      await runner.put('05_own.sql', 'begin; select 1; commit;')
      assert.match(
        (await runner.run({only: '05'})).summary,
        /^05_own\.sql: answered with success, but there is no record/,
      )
    } finally {
      await emulator.query('drop function public.swallow() cascade')
    }
  })

  it('prints what a dry run would apply: size, kind, warnings, and the SQL when asked', async () => {
    await runner.put('05_two.sql', 'begin; select 1; commit; select 2;')
    const {summary} = await runner.run({dryRun: true, showSql: true})
    assert.match(
      summary,
      /^dry run: 8 of 8 files would be applied; 8 files of \/.+ \(hash \w+\)\nwould apply 01_a\.sql \(45 B, 1 statement, one transaction\)\nwould apply 02_b/,
    )
    assert.match(summary, /SQL \(whole in the log of this run\):\n-- 01_a\.sql\ncreate table if not exists public\.a/)
    assert.match(
      summary,
      /would apply 05_two\.sql \(34 B, 4 statements, own transactions\); 2 transactions of its own: if it fails, a part may stay/,
    )
  })
})
