import {deepEqual, equal, match, ok, rejects} from 'node:assert/strict'
import {rm} from 'node:fs/promises'
import {createInjectedFaults} from '../../../../deploy/local/emulator/injected-faults.ts'
import {connectionTrouble} from '../../../../deploy/local/supabase/connection-trouble.ts'
import {type SupabaseEmulator, startSupabase} from '../../../../deploy/local/supabase/server.ts'
import {copyFreshProject} from './fresh-project.ts'
import {accessToken, postQuery, projectRef, toAnswer} from './query-client.ts'

describe('startSupabase', () => {
  const path = `/v1/projects/${projectRef}/database/query`
  const faults = createInjectedFaults()
  let emulator: SupabaseEmulator
  let dataFolder: string
  let minutes = 0

  before(async function () {
    this.timeout(60_000)
    const now = () => new Date(Date.UTC(2026, 10, 23, 0, minutes))
    dataFolder = await copyFreshProject()
    emulator = await startSupabase({accessToken, projectRef, dataFolder, faults, now, requestsPerMinute: 60})
    equal(emulator.startMilliseconds(), undefined, 'the database starts when it is needed')
    await emulator.warmUp()
  })
  after(async () => {
    await emulator.stop()
    await rm(dataFolder, {recursive: true, force: true})
  })
  beforeEach(() => {
    minutes += 1
  })
  afterEach(() => {
    equal(faults.pending(), 0)
  })

  const ask = (query: string) => postQuery(emulator, query)

  describe('requests', () => {
    it('says how long the database took to start', () => {
      ok((emulator.startMilliseconds() ?? 0) > 0)
    })

    it('answers 201 with the rows', async () => {
      const answer = await ask("select 1 as one, 'zwei €' as two")
      equal(answer.status, 201)
      deepEqual(answer.rows, [{one: 1, two: 'zwei €'}])
    })

    it('answers 401 to a wrong token, and to none', async () => {
      deepEqual([(await postQuery(emulator, 'select 1', {token: 'sbp_other'})).status], [401])
      const bare = await toAnswer(await fetch(emulator.url + path, {method: 'POST'}))
      deepEqual([bare.status, bare.message], [401, 'Unauthorized'])
    })

    it("answers 403 to somebody else's project and 404 to what is none", async () => {
      equal((await postQuery(emulator, 'select 1', {ref: 'zyxwvutsrqponmlkjihg'})).status, 403)
      equal((await postQuery(emulator, 'select 1', {ref: 'nonsense'})).status, 404)
    })

    it('answers 404 to another path or method', async () => {
      deepEqual((await toAnswer(await fetch(emulator.url + path))).message, `Cannot GET ${path}`)
      equal(
        (await fetch(`${emulator.url}/v1/projects/${projectRef}/database/migrations`, {method: 'POST'})).status,
        404,
      )
    })

    for (const [what, contentType, body] of [
      ['no JSON', 'application/json', 'select 1'],
      ['another content type', 'application/xml', '{"query": "select 1"}'],
      ['no query', 'application/json', '{"sql": "select 1"}'],
      ['an empty query', 'application/json', '{"query": ""}'],
      ['a query that is no string', 'application/json', '{"query": ["select 1"]}'],
    ] as const) {
      it(`answers 400, without an SQLSTATE, to ${what}`, async () => {
        const headers = {authorization: `Bearer ${accessToken}`, 'content-type': contentType}
        const answer = await toAnswer(await fetch(emulator.url + path, {method: 'POST', headers, body}))
        equal(answer.status, 400)
        ok(answer.message.length > 0 && !answer.message.includes('ERROR:'), answer.message)
      })
    }

    it('carries out a query of a megabyte', async () => {
      const text = 'ä€😀'.repeat(120_000)
      const answer = await ask(`select length('${text}') as characters`)
      deepEqual(answer.rows, [{characters: 360_000}])
    })

    it('keeps the books of what the database did', async () => {
      const from = emulator.requestLog.length
      await ask(`select 'ü' as ${'x'.repeat(100)}`)
      await ask('select nothing')
      await postQuery(emulator, 'select 1', {token: 'wrong'})
      deepEqual(emulator.requestLog.slice(from), [
        {at: new Date(Date.UTC(2026, 10, 23, 0, minutes)), start: `select 'ü' as ${'x'.repeat(66)}`, bytes: 115},
        {at: new Date(Date.UTC(2026, 10, 23, 0, minutes)), start: 'select nothing', bytes: 14, sqlState: '42703'},
      ])
    })

    it('gives tests the rows without a request, and throws what Postgres refuses', async () => {
      const from = emulator.requestLog.length
      deepEqual(await emulator.query('select 7 as seven'), [{seven: 7}])
      await rejects(emulator.query('select nothing'), /ERROR: {2}42703/)
      equal(emulator.requestLog.length, from)
    })
  })

  describe('rate limit', () => {
    it('answers 429 after the number of requests, until the minute is over', async () => {
      const first = await ask('select 1')
      deepEqual(limitsOf(first.headers), ['60', '59', '60'])
      await Promise.all(Array.from({length: 59}, () => ask('select 1')))

      const refused = await ask('select 1')
      deepEqual([refused.status, refused.message], [429, 'ThrottlerException: Too Many Requests'])
      deepEqual(limitsOf(refused.headers), ['60', '0', '60'])

      minutes += 1
      equal((await ask('select 1')).status, 201)
    })

    it('counts refused SQL, and not who is not let in', async () => {
      await ask('select nothing')
      await postQuery(emulator, 'select 1', {token: 'wrong'})
      equal((await ask('select 1')).headers.get('x-ratelimit-remaining'), '58')
    })
  })

  describe('faults', () => {
    it('answers connection troubles that have no SQLSTATE, and carries out nothing', async () => {
      await ask('create table faults (id int)')
      faults.inject({kind: 'status', path, response: connectionTrouble.connectTimeout})
      faults.inject({kind: 'status', path, response: connectionTrouble.connectionLost})
      const answers = [await ask('insert into faults values (1)'), await ask('insert into faults values (2)')]
      deepEqual(
        answers.map(({status, message}) => [status, message]),
        [
          [544, 'Failed to run sql query: Connection terminated due to connection timeout'],
          [400, 'Failed to run sql query: Connection terminated unexpectedly'],
        ],
      )
      deepEqual(await emulator.query('select * from faults'), [])
    })

    it('can lose the answer to what it has done', async () => {
      await ask('create table lost_answers (id int)')
      faults.inject({kind: 'reset-after', path})
      await rejects(ask('insert into lost_answers values (1)'), /fetch failed/)
      deepEqual(await emulator.query('select * from lost_answers'), [{id: 1}])
    })
  })

  describe('one request, one connection', () => {
    it('answers the rows of the last statement that has any', async () => {
      const {rows} = await ask(
        'create table a (id int); insert into a values (1), (2) returning id; select 3 as no where false; drop table a',
      )
      deepEqual(rows, [{id: 1}, {id: 2}])
    })

    it('answers no rows to comments alone', async () => {
      const answer = await ask('-- nothing\n/* to do */')
      deepEqual([answer.status, answer.rows], [201, []])
    })

    it('rolls the whole request back when one statement is refused', async () => {
      const answer = await ask('create table b (id int); insert into b values (1); select 1 / 0; select 2')
      equal(answer.message, 'Failed to run sql query: ERROR:  22012: division by zero\n')
      deepEqual(await emulator.query("select to_regclass('b') as b"), [{b: null}])
    })

    it('keeps what a COMMIT in the text has committed', async () => {
      await ask('begin; create table c (id int); commit; insert into c values (1); select 1 / 0')
      deepEqual(await emulator.query('select count(*) from c'), [{count: 0}])
    })

    it('rolls back what a BEGIN without a COMMIT leaves open', async () => {
      equal((await ask('begin; create table d (id int)')).status, 201)
      deepEqual(await emulator.query("select to_regclass('d') as d"), [{d: null}])
      equal((await ask('begin; select 1 / 0')).status, 400)
      deepEqual((await ask('select 1 as alive')).rows, [{alive: 1}])
    })

    it('creates an index concurrently only when that is sent alone', async () => {
      await ask('create table e (id int)')
      const refused = await ask('select 1; create index concurrently e_id on e (id)')
      match(refused.message, /ERROR: {2}25001: CREATE INDEX CONCURRENTLY cannot run inside a transaction block\n/)
      equal((await ask('-- alone\ncreate index concurrently e_id on e (id);')).status, 201)
      deepEqual(await emulator.query("select indisvalid from pg_index where indexrelid = 'e_id'::regclass"), [
        {indisvalid: true},
      ])
    })

    it('leaves nothing of a session behind', async () => {
      await ask(`
        set search_path = pg_catalog; set role anon; set request.jwt.claims = '{"sub": "x"}';
        create temporary table f (id int); select pg_advisory_lock(42)`)
      await ask('set role anon; set search_path = pg_catalog; select pg_advisory_lock(42)')
      await ask('create temporary table f (id int); prepare p as select 1')
      const {rows} = await ask(`
        select current_user as who, current_setting('search_path') as path, to_regclass('pg_temp.f') as temporary,
          nullif(current_setting('request.jwt.claims', true), '') as claims,
          (select count(*) from pg_locks where locktype = 'advisory') as locks,
          (select count(*) from pg_prepared_statements) as prepared`)
      const path = '"$user", public, extensions'
      deepEqual(rows, [{who: 'postgres', path, temporary: null, claims: null, locks: 0, prepared: 0}])
    })

    it('carries out one request at a time, in their order', async () => {
      await ask('create table g (id serial, mark int)')
      await Promise.all(
        [1, 2, 3, 4, 5].map(mark => ask(`insert into g (mark) values (${mark}); select pg_sleep(0.01)`)),
      )
      const rows = await emulator.query('select count(*), max(id) from g')
      deepEqual(rows, [{count: 5, max: 5}])
    })

    it('refuses COPY FROM STDIN, which has no data to come, and lives on', async () => {
      const answer = await ask('create table h (id int); copy h from stdin; select 1')
      match(answer.message, /ERROR: {2}57014: COPY from stdin failed: No source stream defined\n/)
      deepEqual((await ask('select 1 as alive')).rows, [{alive: 1}])
    })

    it('survives a recursion without end', async () => {
      const answer = await ask(`
        create function endless(n int) returns int language plpgsql as $$ begin return endless(n + 1); end $$;
        select endless(1)`)
      match(answer.message, /^Failed to run sql query: ERROR: {2}54001: stack depth limit exceeded\n/)
      deepEqual((await ask('select 1 as alive')).rows, [{alive: 1}])
    })
  })
})

function limitsOf(headers: Headers): (string | null)[] {
  return ['limit', 'remaining', 'reset'].map(name => headers.get(`x-ratelimit-${name}`))
}
