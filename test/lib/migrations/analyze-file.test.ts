import assert from 'node:assert/strict'
import {analyzeFile} from '../../../lib/migrations/analyze-file.ts'
import {parseMigrationFiles} from '../../../lib/migrations/migration-file.ts'

async function analyze(sql: string, name = '07_x.sql') {
  const [file] = parseMigrationFiles([{name, bytes: Buffer.from(sql)}])
  assert.ok(file !== undefined)
  return analyzeFile(file)
}
const kindOf = async (sql: string) => {
  const {kind, problems} = await analyze(sql)
  return problems.length > 0 ? problems.join('\n') : kind
}

describe('analyzeFile', () => {
  it('finds transaction control at the top level, wherever it stands in a line, and nowhere else', async () => {
    const own = [
      'create table a (); COMMIT; create table b ();',
      'begin work; create table a (); end transaction',
      '/* c */ start transaction isolation level serializable; select 1; commit and chain; select 2; commit;',
      'select 1; abort',
      'select 1;\r\nbegin;\r\nselect 2;\r\ncommit;\r\n',
    ]
    for (const sql of own) assert.notEqual(await kindOf(sql), 'transaction', sql)
    const ordinary = [
      "select 'commit;', $$ begin; commit; $$, E'\\'; rollback;'",
      '-- begin;\n/* commit; /* rollback; */ */ select 1',
      'create function f() returns void language plpgsql as $body$ begin commit; end $body$',
      'create procedure p() begin atomic select 1; end',
      'do $$ begin null; end $$;',
      'select 1 as "commit"',
      '',
      '-- nothing',
    ]
    for (const sql of ordinary) assert.equal(await kindOf(sql), 'transaction', sql)
  })

  it('tells whether a failure can leave a part', async () => {
    const mayStay = async (sql: string) => (await analyze(sql)).mayStayInPart
    assert.equal(await mayStay('begin; create table a (); commit;'), false)
    assert.equal(await mayStay('begin; create table a (); commit; begin; create table b (); commit'), true)
    assert.equal(await mayStay('create table a (); commit; create table b ()'), true)
    assert.equal(await mayStay('begin; create table a (); commit and chain; create table b (); commit'), true)
  })

  it('refuses what would lose its work: no COMMIT, or a ROLLBACK that reaches further than its BEGIN', async () => {
    assert.match(
      await kindOf('begin;\ncreate table a ();'),
      /line 1: the transaction that begins here is never committed/,
    )
    assert.match(await kindOf('begin; select 1; commit and chain;\n'), /never committed/)
    assert.match(await kindOf('create table a ();\nrollback;'), /line 2: this ROLLBACK also undoes .* from line 1 on/)
    assert.match(await kindOf('create table a ();\nbegin;\nselect 1;\nrollback;'), /line 4: this ROLLBACK also undoes/)
    assert.match(await kindOf("begin; select 1; prepare transaction 'x';"), /two-phase commits/)
    assert.equal(await kindOf('begin; create table a (); rollback; create table b ();'), 'own transactions')
  })

  it('knows what can not run in a transaction, and says how to split a file that holds more', async () => {
    const outside = [
      'create index concurrently i on t (a)',
      'drop index concurrently i;',
      'reindex (concurrently) table t',
      'reindex schema public',
      'vacuum full t',
      "alter system set work_mem = '8MB'",
      'create database d',
      'drop database d',
      'cluster',
      'alter database d set tablespace s',
      'alter table p detach partition c concurrently',
      "create subscription s connection '' publication p",
      'discard all',
      '-- migrate: no-transaction\ncall p()',
    ]
    for (const sql of outside) assert.equal(await kindOf(sql), 'outside', sql)
    for (const sql of ['analyze t', 'reindex table t', 'cluster t', 'alter database d set work_mem = 1']) {
      assert.equal(await kindOf(sql), 'transaction', sql)
    }
    assert.match(
      await kindOf('alter table t add a int;\n\ncreate index concurrently i on t (a);\nselect 1'),
      /^07_x\.sql, line 3: CREATE INDEX CONCURRENTLY can't run in a transaction.* move it to 07a_….sql, and what comes after it to 07b_….sql$/,
    )
    assert.match((await analyze('vacuum; vacuum', '07b_x.sql')).problems.join(), /07c_….sql.*07d_….sql/)
  })

  it('refuses what is only for psql, with the line', async () => {
    assert.match(await kindOf('select 1;\n\\connect other\n'), /^07_x\.sql, line 2: psql's commands/)
    assert.match(await kindOf('copy t from stdin;'), /^07_x\.sql, line 1: COPY … FROM STDIN gets no data here/)
    assert.match(await kindOf('select 1;\ncopy t (a)\nfrom stdin;\n1\n2\n\\.\n'), /line 2: COPY … FROM STDIN/)
    assert.equal(await kindOf("copy t from '/tmp/x'; copy t to stdout"), 'transaction')
  })

  it("shows where a file doesn't parse: line and caret of the author's file", async () => {
    const bom = '\ufeff'
    assert.deepEqual((await kindOf(`${bom}select 'ä🪙é';\r\nselect 'ä🪙', selec 1 from\r\n`)).split('\n'), [
      '07_x.sql, line 2: syntax error at or near "1"',
      "LINE 2: select 'ä🪙', selec 1 from",
      `${' '.repeat('LINE 2: '.length + 19)}^`,
    ])
    assert.match(await kindOf('select 1 /* never closed'), /line 1: unterminated \/\* comment/)
    assert.match(await kindOf("select 'never closed"), /unterminated quoted string/)
    assert.match(await kindOf('select 1 where'), /line 1: syntax error at end of input/)
  })

  it('takes a file of 300 KB apart, and numbers its lines', async () => {
    const sql = `${`select 1; -- ${'ä'.repeat(150)}\n`.repeat(1000)}commit;\n`
    const {kind, statements} = await analyze(sql)
    assert.equal(kind, 'own transactions')
    assert.equal(statements.at(-1)?.line, 1001)
  })
})
