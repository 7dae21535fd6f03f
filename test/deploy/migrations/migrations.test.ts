import assert from 'node:assert/strict'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {parseEnvironmentName} from '../../../deploy/catalogue/environments.ts'
import {toPlain} from '../../../deploy/cli/plain-text.ts'
import {findMigrations} from '../../../deploy/migrations/find-migrations.ts'
import {formatMigrations} from '../../../deploy/migrations/migrations-table.ts'
import type {TrackingRow} from '../../../lib/migrations/tracking-table.ts'
import type {Supabase} from '../../../lib/supabase/supabase.ts'
import {typeCommand} from '../../support/type-command.ts'

const stage = parseEnvironmentName('stage', {})

describe('npm run migrations', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'migrations-'))
  })
  afterEach(() => rm(folder, {recursive: true}))

  const overview = async (files: Readonly<Record<string, string>>, rows: readonly Partial<TrackingRow>[]) => {
    for (const [name, sql] of Object.entries(files)) await writeFile(join(folder, name), sql)
    const empty = {filename: null, checksum: null, applied_at: null, execution_time_ms: null, applied_by: null}
    const supabase: Supabase = {
      query: async (_sql, {row}) => rows.map(given => row.parse({...empty, ...given})),
    }
    return findMigrations({supabase, projectRef: 'kwroaccbrxppfiysqlzs', folder, close: async () => {}}, stage)
  }

  it('shows every file with its state, what the next run would do, and the commands for what is odd', async () => {
    const found = await overview(
      {
        '01_a.sql': 'select 1',
        '02_b.sql': 'select 2',
        '02a_late.sql': 'select 3',
        '03_a_name_that_is_longer_than_the_column_is_wide.sql': 'select 4',
        '04_new.sql': 'create index concurrently i on t (a)',
      },
      [
        {
          filename: 'supabase_db/01_a',
          applied_at: '2026-11-20 08:00:00+00',
          applied_by: 'migrate.sh',
          execution_time_ms: 12,
        },
        {
          filename: '02_b.sql',
          checksum: '0'.repeat(64),
          applied_at: '2026-11-21 08:00:00+00',
          applied_by: 'x; change accepted by ann: why; run y',
          execution_time_ms: 1200,
        },
        {filename: '03_a_name_that_is_longer_than_the_column_is_wide.sql', applied_by: 'supabase-migrate@01'},
        {filename: '99_gone.sql'},
        {filename: null},
      ],
    )
    assert.deepEqual(
      found.states.map(({name, state}) => [name.slice(0, 3), state]),
      [
        ['01_', 'applied'],
        ['02_', 'changed'],
        ['02a', 'out of order'],
        ['03_', 'applied'],
        ['04_', 'pending'],
        ['(no', 'missing'],
        ['99_', 'missing'],
      ],
    )
    const lines = toPlain(formatMigrations(found, stage)).split('\n')
    const table = lines.slice(3, 11)
    for (const line of table) assert.ok(line.length <= 80, line)
    assert.match(table[1] ?? '', /^ {2}01_a\.sql +applied 2026-11-20 +migrate\.sh +12 ms$/)
    assert.match(table[2] ?? '', /^ {2}02_b\.sql +changed 2026-11-21 +✎ ann +1\.2 s$/)
    const text = lines.join('\n')
    assert.match(text, /The next run would be refused: 02a_late\.sql is out of order/)
    assert.match(text, /npm run publish -- migrate stage --arg markApplied=02a_late\.sql --arg reason="…"/)
    assert.match(text, /npm run publish -- migrate stage --arg outOfOrder=02a_late\.sql/)
    assert.match(text, /npm run publish -- migrate stage --arg acceptChange=02_b\.sql --arg reason="…"/)
    assert.match(text, /npm run publish -- migrate stage --arg markPending=99_gone\.sql --arg reason="…"/)
  })

  it('says what the next run does where all is well', async () => {
    const found = await overview({'01_a.sql': 'select 1', '02_index.sql': 'create index concurrently i on t (a)'}, [
      {filename: '01_a.sql'},
    ])
    assert.deepEqual(
      found.next.files.map(({name, kind}) => [name, kind]),
      [['02_index.sql', 'outside']],
    )
    assert.match(
      toPlain(formatMigrations(found, stage)),
      /would apply 02_index\.sql \(36 B, 1 statement, outside a transaction\)/,
    )
  })

  it("refuses a folder that isn't this database's", async () => {
    const rows = ['01_x', '02_y', '03_z', '04_w'].map(filename => ({filename}))
    const {next} = await overview({'01_other.sql': 'select 1'}, rows)
    assert.match(next.problem ?? '', /^of 4 files that the database has recorded \(01_x\.sql, .*only 0 are among the 1/)
  })

  it('needs the folder, before anything else is asked for', async () => {
    await assert.rejects(
      typeCommand('npm run migrations -- stage', {sandboxFolder: folder}),
      /SUPABASE_MIGRATIONS_DIR is missing/,
    )
    const {stdout} = await typeCommand('npm run migrations -- --help', {sandboxFolder: folder})
    assert.match(stdout, /SUPABASE_MIGRATIONS_DIR names the folder/)
  })
})
