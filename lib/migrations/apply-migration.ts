import * as z from 'zod'
import {SqlError} from '../errors/sql-error.ts'
import {UnavailableError} from '../errors/unavailable-error.ts'
import {UnrecordedError} from '../errors/unrecorded-error.ts'
import type {Log} from '../log/log.ts'
import type {Supabase} from '../supabase/supabase.ts'
import type {AnalyzedFile} from './analyze-file.ts'
import {describeLockHolders} from './lock-holders.ts'
import {alreadyAppliedState, migrationRequest, runningQuery} from './migration-request.ts'
import {recordOf, type TrackingRow, trackingRowSchema} from './tracking-table.ts'

/** Tries of a file whose request got no answer; each begins with a look at the record. */
const maxTries = 3
/** Waits after a lock was not free in time. */
const lockWaitsSeconds = [2, 4, 8, 16]
/** Supabase cuts a query off after about 50 s: by then a request whose answer was lost has ended, or never will by itself. */
const lostAnswerSeconds = 60
/** lock_not_available, deadlock_detected, serialization_failure: all that its transaction did is undone. */
const busyStates = ['55P03', '40P01', '40001']

export type ApplyOptions = {
  readonly supabase: Supabase
  readonly log: Log
  /** The run's id, by which the table knows what a run applied. */
  readonly appliedBy: string
  readonly isForced: boolean
  /** The recorded name, where an older runner wrote it in its own way. @default the file's */
  readonly recordName?: string
  /** @throws when the run has to stop. */
  readonly wait: (seconds: number) => Promise<void>
}

/** `elsewhere`: another runner had applied it in the meantime. Neither is proof: the caller reads the records. */
export type Applied = 'applied' | 'elsewhere'

/**
 * Applies one file that PostgreSQL runs in transactions, and records it. A request that may still run is never repeated
 * where it could do harm: one with its record in the same transaction waits for the lock and then finds the record.
 *
 * @throws SqlError with the line within the file; UnavailableError if the outcome is unknown and stays so, or a lock
 *   isn't free.
 */
export async function applyInTransactions(file: AnalyzedFile, options: ApplyOptions): Promise<Applied> {
  const {supabase, log, recordName = file.name} = options
  const hasOwnTransactions = file.kind === 'own transactions'
  if (hasOwnTransactions) await refuseWhileRunning(file, supabase)
  const {sql, linesBefore} = migrationRequest(file, {...options, recordName, hasOwnTransactions})
  for (let tries = 1, lockTries = 0; ; ) {
    try {
      await supabase.query(sql, {name: file.name, isIdempotent: false, row: z.unknown()})
      if (!hasOwnTransactions) return 'applied'
      return await proveRecorded(file, options)
    } catch (error) {
      if (error instanceof SqlError && error.sqlState === alreadyAppliedState) return whoRecorded(file, options)
      if (error instanceof SqlError && busyStates.includes(error.sqlState) && !file.mayStayInPart) {
        await waitForLock(file, error, options, lockTries)
        lockTries += 1
        continue
      }
      if (error instanceof SqlError) throw atLineOfFile(file, error, linesBefore)
      if (!(error instanceof UnavailableError)) throw error
      log.warn(`${file.name}: no answer, so its record is read before anything is repeated`, {reason: error.message})
      if (hasOwnTransactions) {
        await options.wait(lostAnswerSeconds)
        await refuseWhileRunning(file, supabase)
      }
      const row = await readRecord(recordName, supabase)
      if (row !== undefined && (row.applied_by === options.appliedBy || !options.isForced)) {
        return row.applied_by === options.appliedBy ? 'applied' : 'elsewhere'
      }
      if (tries >= maxTries || hasOwnTransactions) throw error
      tries += 1
    }
  }
}

/** @throws UnrecordedError where a success left no record: the file's transaction was not committed. */
async function proveRecorded(file: AnalyzedFile, options: ApplyOptions): Promise<Applied> {
  const row = await readRecord(options.recordName ?? file.name, options.supabase)
  if (row?.applied_by === options.appliedBy) return 'applied'
  throw new UnrecordedError(file.name)
}

async function whoRecorded(file: AnalyzedFile, options: ApplyOptions): Promise<Applied> {
  const row = await readRecord(options.recordName ?? file.name, options.supabase)
  return row?.applied_by === options.appliedBy ? 'applied' : 'elsewhere'
}

export async function readRecord(name: string, supabase: Supabase): Promise<TrackingRow | undefined> {
  const rows = await supabase.query(recordOf(name), {
    name: `record of ${name}`,
    isIdempotent: true,
    row: trackingRowSchema,
  })
  return rows[0]
}

const runningSchema = z.object({seconds: z.number()})

/** @returns since when a request for a file has been running in the database, in seconds. */
export async function findRunning(file: AnalyzedFile, supabase: Supabase): Promise<number | undefined> {
  const name = `whether ${file.name} still runs`
  const rows = await supabase.query(runningQuery(file.name), {name, isIdempotent: true, row: runningSchema})
  return rows[0]?.seconds
}

/** @throws UnavailableError: the delivery tries again later. */
export async function refuseWhileRunning(file: AnalyzedFile, supabase: Supabase): Promise<void> {
  const seconds = await findRunning(file, supabase)
  if (seconds === undefined) return
  const text = `${file.name} has been running in the database for ${seconds} s and is not sent twice`
  throw new UnavailableError(text, {mayHaveExecuted: false})
}

async function waitForLock(
  file: AnalyzedFile,
  error: SqlError,
  {supabase, log, wait}: ApplyOptions,
  tries: number,
): Promise<void> {
  const holders = await describeLockHolders(supabase)
  const seconds = lockWaitsSeconds[tries]
  const text = `${file.name}: ${error.words.split('\n')[0] ?? error.sqlState}; ${holders}`
  if (seconds === undefined) {
    const advice = 'nothing of the file stayed; end what holds the lock, or run again at a quieter time'
    throw new UnavailableError(`${text}; ${advice}`, {mayHaveExecuted: false}, {cause: error})
  }
  log.warn(`${text}; next try in ${seconds} s`)
  await wait(seconds)
}

export function atLineOfFile(file: AnalyzedFile, error: SqlError, linesBefore: number): SqlError {
  const {sqlState} = error
  const line = error.line === undefined || error.line <= linesBefore ? undefined : error.line - linesBefore
  const words = line === undefined ? error.words : error.words.replace(/^LINE \d+:/m, `LINE ${line}:`)
  const where = line === undefined ? file.name : `${file.name}, line ${line}`
  return new SqlError(`${where}: ${sqlState}: ${words.split('\n')[0] ?? ''}`, {sqlState, line, words}, {cause: error})
}
