import type {MigrationFile} from './migration-file.ts'

/** SQLSTATE of our own: another runner was faster. Class `MG` is none of PostgreSQL's. */
export const alreadyAppliedState = 'MG001'

/** Any number, the same for every runner of this project. */
const lockKey = 7_318_203_114

export const trackingQuery = 'select filename, checksum from public.schema_migrations order by filename'

/**
 * One request that applies a file: lock, check, the file, its record. One request is one transaction, so that file and
 * record are one, and two runners can't both apply it: the second waits for the lock, finds the record, and stops.
 *
 * @param options.isForced repeats a file that is recorded already.
 */
export function migrationRequest(
  file: MigrationFile,
  options: {readonly appliedBy: string; readonly isForced: boolean},
): {readonly sql: string /** Lines before the file's first. */; readonly linesBefore: number} {
  const check = options.isForced
    ? ''
    : ` if exists (select from public.schema_migrations where filename = ${quote(file.name)}) then raise exception using errcode = '${alreadyAppliedState}', message = 'applied already'; end if;`
  const before = `do $migrate$ begin perform pg_advisory_xact_lock(${lockKey});${check} end $migrate$;\n`
  // The line break ends a comment, the semicolon a last statement without one; the file itself stays as it is.
  return {sql: `${before}${file.sql}\n;\nreset role;\n${recordQuery(file, options.appliedBy)}`, linesBefore: 1}
}

/** The record of a file, for one that is sent alone. */
export function recordQuery(file: MigrationFile, appliedBy: string): string {
  const milliseconds = '(extract(epoch from clock_timestamp() - transaction_timestamp()) * 1000)::integer'
  return `insert into public.schema_migrations (filename, checksum, execution_time_ms, applied_by) values (${quote(file.name)}, ${quote(file.checksum)}, ${milliseconds}, ${quote(appliedBy)}) on conflict (filename) do update set applied_at = now(), checksum = excluded.checksum, execution_time_ms = excluded.execution_time_ms, applied_by = excluded.applied_by;`
}

export function recordOf(file: MigrationFile): string {
  return `select filename, checksum from public.schema_migrations where filename = ${quote(file.name)}`
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
