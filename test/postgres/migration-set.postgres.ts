import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import type {ProjectDatabase} from '../../deploy/local/supabase/database.ts'
import {type SupabaseEmulator, startSupabase} from '../../deploy/local/supabase/server.ts'
import {createMigrationRunner, KilledError, type MigrationRunner, runnerToken} from '../support/migration-runner.ts'
import {migrationSet} from '../support/migration-set.ts'
import {findPostgres, type PostgresServer, startPostgres} from '../support/postgres-server.ts'

/** Older runners took no others. */
const olderFiles = [...migrationSet].filter(([name]) => /^\d\d_/.test(name))
const lettered = [...migrationSet.keys()].filter(name => !/^\d\d_/.test(name))
const trackingTable =
  'create table if not exists public.schema_migrations (id serial primary key, filename varchar(255) not null unique, applied_at timestamptz default now(), checksum varchar(64), execution_time_ms integer, applied_by varchar(255))'
const sha = (text: string) => createHash('sha256').update(text).digest('hex')

/** What the database holds when all is applied, whatever the way there: names, contents, and which files are recorded. */
const stateQueries = [
  "select table_schema || '.' || table_name as name from information_schema.tables where table_schema in ('public', 'elsewhere') order by 1",
  "select relname, indisvalid from pg_index join pg_class on oid = indexrelid where relnamespace = 'public'::regnamespace order by 1",
  'select entry from public.log order by entry',
  'select count(*)::int as rows, md5(string_agg(note, id::text order by id)) as content from public.large',
  'select note from public.bom',
  "select distinct regexp_replace(regexp_replace(filename, '^.*/', ''), '\\.sql$', '') as file from public.schema_migrations order by 1",
]
type Scene = {readonly emulator: SupabaseEmulator; readonly runner: MigrationRunner}

/** How an older runner applies and records a file. */
type OlderRunner = {readonly title: string; readonly rowOf: (name: string, sql: string) => string}
const olderRunners: readonly OlderRunner[] = [
  {
    title: 'the runner that records whole checksums',
    rowOf: (name, sql) =>
      `insert into public.schema_migrations (filename, checksum, execution_time_ms, applied_by) values ('${name}', '${sha(sql)}', 12, 'migrate.sh')`,
  },
  {
    title: 'the runner that records folders, bare names and short checksums',
    rowOf: (name, sql) =>
      `insert into public.schema_migrations (filename, checksum) values ('${Number(name.slice(0, 2)) % 2 === 0 ? `supabase_db/${name}` : name.replace('.sql', '')}', '${sha(sql.replaceAll('\r\n', '\n')).slice(0, 16).toUpperCase()}')`,
  },
  {
    title: 'people who wrote what they liked',
    rowOf: (name, sql) =>
      `insert into public.schema_migrations (filename, checksum) values ('${name}', ${["''", 'null', "'manual'", `'${sha(sql).slice(0, 8)}'`, "'d41d8cd98f00b204e9800998ecf8427e'"][Number(name.slice(0, 2)) % 5]})`,
  },
]

async function stateOf({emulator}: Scene) {
  const results = []
  for (const query of stateQueries) results.push(await emulator.query(query))
  return results
}

/** Everything that is tried, against one PostgreSQL. @returns by title what it led to, for comparison. */
function describeSet(title: string, createDatabase: () => Promise<ProjectDatabase | undefined>) {
  const states = new Map<string, unknown>()
  describe(`sixty migrations on ${title}`, function () {
    this.timeout(600_000)
    let scene: Scene
    beforeEach(async () => {
      const database = await createDatabase()
      const emulator = await startSupabase({
        ...(database === undefined ? {} : {database}),
        accessToken: runnerToken,
        projectRef: 'local',
        requestsPerMinute: 1_000_000,
      })
      scene = {emulator, runner: await createMigrationRunner(emulator.url, migrationSet)}
    })
    afterEach(async () => {
      await scene.runner.remove()
      await scene.emulator.stop()
    })
    const keep = async (name: string, more: unknown) => {
      const state = await stateOf(scene)
      states.set(name, {state, more})
      return state
    }

    it('applies them all, in n + 2 requests but for the files that are no single transaction; then nothing', async () => {
      const {emulator, runner} = scene
      const outcome = await runner.run()
      assert.equal(outcome.event, 'succeeded', `${outcome.summary}\n${outcome.errors.join('\n')}`)
      assert.equal(outcome.counts['filesApplied'], 60)
      const requests = emulator.requestLog.length
      // Two more for each of six files with transactions of their own, four for each of four outside, one for an index.
      assert.equal(requests, 60 + 2 + 6 * 2 + 4 * 4 + 1)
      const again = await runner.run()
      assert.match(again.summary, /^nothing to apply: 60 files are applied already/)
      assert.equal(emulator.requestLog.length - requests, 1)
      await keep('fresh', [outcome.counts, outcome.warnings, again.counts])
    })

    for (const {title: older, rowOf} of olderRunners) {
      it(`gets a project of ${older} to "nothing to apply" by following what it prints`, async () => {
        const {emulator, runner} = scene
        await emulator.query(trackingTable)
        for (const [name, sql] of olderFiles) {
          await emulator.query(sql.replace(/^\ufeff/, ''))
          // One writes an id of its own: its runner stumbled there, and somebody set the sequence right.
          await emulator.query(
            "select setval('schema_migrations_id_seq', 1 + coalesce((select max(id) from public.schema_migrations), 0), false)",
          )
          // A file that records itself has its row already.
          await emulator.query(`${rowOf(name, sql)} on conflict (filename) do nothing`)
        }
        const before = await emulator.query('select count(*)::int as rows from public.schema_migrations')
        const texts: string[] = []
        let outcome = await runner.run()
        for (let round = 0; round < 10 && !/^nothing to apply/.test(outcome.summary); round += 1) {
          texts.push(outcome.summary)
          const advice = outcome.errors.find(
            line =>
              /markApplied|outOfOrder/.test(line) && line.includes(round % 2 === 0 ? 'outOfOrder' : 'markApplied'),
          )
          assert.ok(advice !== undefined, `${outcome.summary}\n${outcome.errors.join('\n')}`)
          const args = parseAdvice(advice)
          const done = await runner.run('outOfOrder' in args ? {...args, only: String(args['outOfOrder'])} : args)
          assert.equal(done.event, 'succeeded', `${done.summary}\n${done.errors.join('\n')}`)
          outcome = await runner.run()
        }
        assert.match(outcome.summary, /^nothing to apply: 60 files/)
        assert.equal(outcome.event, 'succeeded', outcome.errors.join('\n'))
        const after = await emulator.query('select count(*)::int as rows from public.schema_migrations')
        assert.equal(Number(after[0]?.['rows']) - Number(before[0]?.['rows']), lettered.length)
        await keep(
          older,
          texts.map(text => text.replace(/ of \/.*/, '')),
        )
      })
    }

    it('says which files changed, stays degraded until a person accepts that, and then no longer', async () => {
      const {runner} = scene
      await runner.run()
      await runner.put('05_table_05.sql', 'create table public.t05 (id bigint);')
      const degraded = await runner.run()
      assert.equal(degraded.event, 'degraded')
      assert.match(
        degraded.errors.join('\n'),
        /05_table_05\.sql was changed .*\n.*--arg acceptChange=05_table_05\.sql --arg reason=/,
      )
      assert.equal((await runner.run({acceptChange: '05', reason: 'reviewed'})).event, 'succeeded')
      const calm = await runner.run()
      assert.equal(calm.event, 'succeeded')
      const [row] = await scene.emulator.query(
        "select applied_by from public.schema_migrations where filename = '05_table_05.sql'",
      )
      assert.match(String(row?.['applied_by']), /^supabase-migrate@run1; change accepted by ann: reviewed; run /)
      await keep('drift', [degraded.errors, calm.counts])
    })

    it('ends with the same, and with one story, however often it is killed', async () => {
      const {runner} = scene
      const runId = 'supabase-migrate@killed'
      let kills = 0
      for (let request = 1; ; request += request < 12 ? 1 : 3) {
        try {
          // From the first request on, before it is sent and after it was answered by turns.
          const outcome = await runner.run({}, {runId, killAt: {request, isSent: kills % 2 === 1}})
          assert.equal(outcome.event, 'succeeded', `${outcome.summary}\n${outcome.errors.join('\n')}`)
          assert.equal(outcome.counts['filesApplied'], 60)
          break
        } catch (error) {
          if (!(error instanceof KilledError)) throw error
          kills += 1
        }
      }
      assert.ok(kills > 8, `${kills} kills`)
      const state = await keep('killed', undefined)
      assert.equal(state.length, stateQueries.length)
    })

    it('applies each file once, by whichever of two runners', async () => {
      const {runner} = scene
      const outcomes = await Promise.all([runner.run(), runner.run()])
      for (const {event, summary, errors} of outcomes)
        assert.equal(event, 'succeeded', `${summary}\n${errors.join('\n')}`)
      const applied = outcomes.map(({counts}) => counts['filesApplied'] ?? 0)
      assert.equal((applied[0] ?? 0) + (applied[1] ?? 0), 60, String(applied))
      await keep('two', undefined)
    })
  })
  return states
}

/** The arguments of a command that was printed: `npm run publish -- migrate local --arg a=b --arg reason="…"`. */
function parseAdvice(line: string): Record<string, unknown> {
  const pairs = [...line.matchAll(/--arg (\w+)=("[^"]*"|\S+)/g)].map(([, key = '', value = '']) => [
    key,
    value.replaceAll('"', ''),
  ])
  return Object.fromEntries(pairs.map(([key, value]) => [key, key === 'outOfOrder' ? [value] : value]))
}

const embedded = describeSet('PGlite', async () => undefined)

describe('sixty migrations on a real PostgreSQL', function () {
  this.timeout(600_000)
  let server: PostgresServer | undefined
  before(async function () {
    const programs = await findPostgres()
    if (programs === undefined) {
      process.stdout.write('no PostgreSQL below /usr/lib/postgresql: skipped\n')
      this.skip()
    }
    server = await startPostgres(programs)
  })
  after(() => server?.stop())
  const real = describeSet('PostgreSQL', async () => server?.createDatabase())

  describe('lead to the same there as in the sandbox', () => {
    it('in every way', () => {
      assert.deepEqual([...real.keys()], [...embedded.keys()])
      for (const [name, state] of real) assert.deepEqual(state, embedded.get(name), name)
    })
  })
})
