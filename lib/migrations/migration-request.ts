import type {MigrationFile} from './migration-file.ts'
import {quoteLiteral} from './quote-literal.ts'
import {isRecordedCondition, lockKey, recordStatement} from './tracking-table.ts'

/** SQLSTATE of our own: another runner was faster. Class `MG` isn't PostgreSQL's. */
export const alreadyAppliedState = 'MG001'

/** What a statement may wait for a lock: while it waits, every query behind it waits too. A file may set its own. */
const lockTimeout = '5s'

/** Begins each request, so that one that still runs is found in pg_stat_activity. */
export function requestMark(name: string): string {
  return `/* migrate ${name} */`
}

/**
 * One request that applies a file: lock, check, the file, its record. One request is one transaction, so that file and
 * record are one, and two runners can't both apply it: the second waits for the lock, finds the record, and stops.
 *
 * @param options.isForced repeats a file that is recorded already.
 * @param options.hasOwnTransactions keeps lock and time limit for the whole connection, which ends with the request.
 */
export function migrationRequest(
  file: MigrationFile,
  options: {
    readonly recordName: string
    readonly appliedBy: string
    readonly isForced: boolean
    readonly hasOwnTransactions: boolean
  },
): {readonly sql: string /** Lines before the file's first. */; readonly linesBefore: number} {
  const check = options.isForced
    ? ''
    : ` if exists (select from public.schema_migrations where ${isRecordedCondition(file.name)}) then raise exception using errcode = '${alreadyAppliedState}', message = 'applied already'; end if;`
  const limit = ` perform set_config('lock_timeout', '${lockTimeout}', ${options.hasOwnTransactions ? 'false' : 'true'});`
  const {hasOwnTransactions} = options
  const lock = hasOwnTransactions ? 'pg_advisory_lock' : 'pg_advisory_xact_lock'
  const before = `${requestMark(file.name)} do $migrate$ begin perform ${lock}(${lockKey});${check}${limit} end $migrate$;\n`
  const {recordName: name, appliedBy} = options
  // From the file's lock to the record's without a gap: this one lasts until the record is committed.
  const handOver = hasOwnTransactions
    ? `do $migrate$ begin perform pg_advisory_xact_lock(${lockKey}); perform pg_advisory_unlock(${lockKey}); end $migrate$;\n`
    : ''
  const record = recordStatement({name, checksum: file.checksum, appliedBy})
  // The line break ends a comment, the semicolon a last statement without one; the file itself stays as it is.
  return {sql: `${before}${file.sql}\n;\nreset role;\n${handOver}${record}`, linesBefore: 1}
}

/** A request that is nothing but a file's one statement: no transaction, so no lock, check or record in it either. */
export function outsideRequest(file: MigrationFile): {readonly sql: string; readonly linesBefore: number} {
  return {sql: `${requestMark(file.name)}\n${file.sql}`, linesBefore: 1}
}

/** Whether a request for a file still runs in the database, and since when. */
export function runningQuery(name: string): string {
  const beginning = requestMark(name)
  return `select extract(epoch from clock_timestamp() - query_start)::integer as seconds from pg_stat_activity where pid <> pg_backend_pid() and state = 'active' and left(query, ${beginning.length}) = ${quoteLiteral(beginning)}`
}
