const ordinary = Array.from({length: 30}, (_, index) => {
  const number = String(index + 3).padStart(2, '0')
  return [
    `${number}_table_${number}.sql`,
    `create table public.t${number} (id int primary key, note text);\ninsert into public.t${number} values (${index}, 'row ${number}');\n`,
  ] as const
})

/** A psql-like script of 300 KB: many rows, long comments. */
const large = `create table public.large (id int primary key, note text);\n${Array.from(
  {length: 1500},
  (_, index) => `insert into public.large values (${index}, '${'x'.repeat(160)}'); -- row ${index} of many\n`,
).join('')}`

const special: readonly (readonly [string, string])[] = [
  ['01_first.sql', 'create table public.log (id serial primary key, entry text not null);'],
  [
    '02_trigger.sql',
    "create function public.note(text) returns void language sql as $$ insert into public.log (entry) values ($1) $$;\nselect public.note('02');",
  ],
  ['02a_lettered.sql', "create table public.lettered_02a (id int);\nselect public.note('02a');"],
  ['02b_lettered.sql', 'create table public.lettered_02b (id int);'],
  [
    '33_windows.sql',
    "create table public.windows (id int);\r\ninsert into public.windows values (1);\r\nselect public.note('33');\r\n",
  ],
  ['34_bom.sql', "\ufeffcreate table public.bom (note text);\ninsert into public.bom values ('ä🪙é');\n"],
  ['35_large.sql', large],
  ['36_twin_a.sql', 'create table public.twin_a (id int);'],
  ['36_twin_b.sql', 'create table public.twin_b (id int);'],
  [
    '37_dollar.sql',
    "create procedure public.work() language plpgsql as $body$\nbegin\n  insert into public.log (entry) values ('commit; begin; rollback;');\n  commit;\nend\n$body$;\nselect public.note('37 commit;');",
  ],
  ['37a_lettered.sql', 'create table public.lettered_37a (id int)'],
  [
    '38_own_record.sql',
    "create table public.own_record (id int);\ninsert into public.schema_migrations (filename, checksum, applied_by) values ('38_own_record.sql', 'manual', 'the file itself');",
  ],
  [
    '39_own_record_named_otherwise.sql',
    "create table public.otherwise (id int);\ninsert into public.schema_migrations (filename, checksum) values ('supabase_db/39_own_record_named_otherwise', 'integration-enabled-columns-v1');",
  ],
  [
    '40_own_id.sql',
    "create table public.own_id (id int);\ninsert into public.schema_migrations (id, filename) select max(id) + 2, 'by-hand' from public.schema_migrations;",
  ],
  ['41_wrapped.sql', "BEGIN;\ncreate table public.wrapped (id int);\nselect public.note('41');\nCOMMIT;\n"],
  [
    '42_two_transactions.sql',
    'begin work; create table public.first_part (id int); end transaction; start transaction; create table public.second_part (id int); commit and no chain;',
  ],
  ['42a_lettered.sql', 'create table public.lettered_42a (id int);'],
  [
    '43_commit_in_the_middle.sql',
    'create table public.before_commit (id int);\ncommit;\ncreate table public.after_commit (id int);',
  ],
  ['44_rolled_back.sql', 'begin;\ncreate table public.never (id int);\nrollback;\ncreate table public.stays (id int);'],
  [
    '45_chain.sql',
    'begin; create table public.chain_one (id int); commit and chain; create table public.chain_two (id int); commit;',
  ],
  ['46_index.sql', 'create index concurrently large_note on public.large (note)'],
  ['47_vacuum.sql', '-- after so many rows\nvacuum public.large;\n'],
  ['48_reindex.sql', 'reindex table concurrently public.large;'],
  ['49_marked.sql', '-- migrate: no-transaction\ncall public.work()'],
  ['50_comment_at_the_end.sql', "select public.note('50') -- no line break, no semicolon"],
  ['51_only_a_comment.sql', '-- kept for its number\n'],
  ['52_own_limits.sql', "set lock_timeout = '20s'; set local statement_timeout = '40s'; select public.note('52');"],
  ['53_role.sql', 'create table public.by_role (id int); set role postgres;'],
  [
    '54_search_path.sql',
    'create schema if not exists elsewhere; set search_path = elsewhere; create table moved (id int);',
  ],
  [
    '55_savepoints.sql',
    'begin; create table public.saved (id int); savepoint a; create table public.undone (id int); rollback to a; release a; commit;',
  ],
]

/** Sixty migrations with everything that makes them hard, by name; none needs more than PostgreSQL itself. */
export const migrationSet: ReadonlyMap<string, string> = new Map(
  [...special, ...ordinary].toSorted(([a], [b]) => (a < b ? -1 : 1)),
)
