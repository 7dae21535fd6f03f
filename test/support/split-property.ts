import assert from 'node:assert/strict'
import fc from 'fast-check'
import type {SupabaseEmulator} from '../../deploy/local/supabase/server.ts'
import {createMigrationRunner} from './migration-runner.ts'

/** Runs statements one after the other in one session, as psql does. @returns whether each was accepted. */
export type Psql = (statements: readonly string[]) => Promise<boolean>

const controls = [
  'begin',
  'BEGIN WORK',
  'start transaction',
  'commit',
  'END TRANSACTION',
  'rollback',
  'abort',
  'commit and chain',
  'rollback and chain',
  'savepoint s',
  'rollback to s',
] as const
const separators = [';', ';\n', '; -- commit;\n', ';\n/* begin; */ ', ';;', ';\r\n'] as const

const script = fc.array(
  fc.tuple(
    fc.oneof(
      {weight: 3, arbitrary: fc.constant('create' as const)},
      {weight: 4, arbitrary: fc.constantFrom(...controls)},
    ),
    fc.constantFrom(...separators),
  ),
  {minLength: 1, maxLength: 9},
)

type Part = ['create' | (typeof controls)[number], (typeof separators)[number]]

/** Of files made at random, a few are applied: these are for certain. */
const surelyApplied = (
  [
    ['create'],
    ['create', 'create'],
    ['begin', 'create', 'commit'],
    ['BEGIN WORK', 'create', 'END TRANSACTION'],
    ['start transaction', 'create', 'create', 'commit'],
  ] as const
).map(parts => parts.map((part): Part => [part, ';']))

/**
 * Whatever a file makes of transactions: if the job says that it was applied, its record is there, and so is all that
 * psql would have left. If it doesn't say so, there is no record.
 *
 * @returns how many of the files were applied.
 */
export async function checkSplits(
  emulator: SupabaseEmulator,
  options: {
    readonly psql: Psql
    readonly tablesOfPsql: () => Promise<string[]>
    readonly runs: number
    readonly seed?: number
  },
): Promise<number> {
  let count = 0
  let applied = 0
  await fc.assert(
    fc.asyncProperty(script, async parts => {
      count += 1
      const prefix = `s${count}_`
      const statements = parts.map(([part], index) =>
        part === 'create' ? `create table public.${prefix}${index} ()` : part,
      )
      const sql = statements.map((statement, index) => `${statement}${parts[index]?.[1] ?? ';'}`).join('')
      const runner = await createMigrationRunner(emulator.url, new Map([['01_split.sql', sql]]))
      try {
        await emulator.query(
          'create table if not exists public.schema_migrations (id serial primary key, filename varchar(255) not null unique, applied_at timestamptz default now(), checksum varchar(64), execution_time_ms integer, applied_by varchar(255)); delete from public.schema_migrations',
        )
        const outcome = await runner.run()
        const rows = await emulator.query('select filename from public.schema_migrations')
        const isApplied = outcome.counts['filesApplied'] === 1
        assert.equal(rows.length, isApplied ? 1 : 0, `${sql}\n${outcome.summary}`)
        if (!isApplied) return
        applied += 1
        assert.equal(await options.psql(statements), true, `${sql}: psql refuses a statement of it`)
        const tables = await emulator.query(
          `select table_name as name from information_schema.tables where table_name like 's${count}\\_%' order by 1`,
        )
        const expected = (await options.tablesOfPsql()).filter(name => name.startsWith(prefix)).sort()
        assert.deepEqual(tables.map(({name}) => name).sort(), expected, sql)
      } finally {
        await runner.remove()
      }
    }),
    {
      numRuns: options.runs,
      examples: surelyApplied.map((parts): [Part[]] => [parts]),
      ...(options.seed === undefined ? {} : {seed: options.seed}),
    },
  )
  return applied
}
