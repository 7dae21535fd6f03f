import * as z from 'zod'
import {SqlError} from '../errors/sql-error.ts'
import {UnavailableError} from '../errors/unavailable-error.ts'
import type {Log} from '../log/log.ts'
import type {Supabase} from '../supabase/supabase.ts'
import type {MigrationFile} from './migration-file.ts'
import {trackingRowSchema} from './migration-plan.ts'
import {alreadyAppliedState, migrationRequest, recordOf, recordQuery} from './migration-sql.ts'

/** Tries of a file whose request got no answer; each begins with a look at the record. */
const maxTries = 3

export type ApplyOptions = {
  readonly supabase: Supabase
  readonly log: Log
  readonly appliedBy: string
  readonly isForced: boolean
}

/**
 * Applies one file and records it.
 *
 * @returns `elsewhere` if another runner had applied it meanwhile.
 * @throws SqlError with the line within the file; UnavailableError if the outcome is unknown and stays so.
 */
export async function applyMigration(file: MigrationFile, options: ApplyOptions): Promise<'applied' | 'elsewhere'> {
  return file.isAlone ? applyAlone(file, options) : applyInTransaction(file, options)
}

async function applyInTransaction(file: MigrationFile, options: ApplyOptions): Promise<'applied' | 'elsewhere'> {
  const {supabase, log} = options
  const {sql, linesBefore} = migrationRequest(file, options)
  for (let tries = 1; ; tries += 1) {
    try {
      await supabase.query(sql, {name: file.name, isIdempotent: false, row: z.unknown()})
      return 'applied'
    } catch (error) {
      if (error instanceof SqlError && error.sqlState === alreadyAppliedState)
        return tries > 1 ? 'applied' : 'elsewhere'
      if (error instanceof SqlError) throw atLineOfFile(file, error, linesBefore)
      if (!(error instanceof UnavailableError)) throw error
      log.warn(`${file.name}: no answer, so its record is looked up before anything is repeated`, {
        reason: error.message,
      })
      if (!options.isForced && (await isRecorded(file, supabase))) return 'applied'
      // Sent again it waits for the lock: should the first still be under way, the record is found after it.
      if (tries >= maxTries || file.hasOwnTransaction) throw error
    }
  }
}

/**
 * File and record are two requests here. Should the process end between them, the next run sends the file again: it must
 * be written so that this does no harm (`if not exists`).
 */
async function applyAlone(file: MigrationFile, {supabase, appliedBy}: ApplyOptions): Promise<'applied'> {
  try {
    await supabase.query(file.sql, {name: file.name, isIdempotent: false, row: z.unknown()})
  } catch (error) {
    if (error instanceof SqlError) throw atLineOfFile(file, error, 0)
    throw error
  }
  const name = `record of ${file.name}`
  await supabase.query(recordQuery(file, appliedBy), {name, isIdempotent: true, row: z.unknown()})
  return 'applied'
}

async function isRecorded(file: MigrationFile, supabase: Supabase): Promise<boolean> {
  const name = `record of ${file.name}`
  const rows = await supabase.query(recordOf(file), {name, isIdempotent: true, row: trackingRowSchema})
  return rows.length > 0
}

function atLineOfFile(file: MigrationFile, error: SqlError, linesBefore: number): SqlError {
  const {sqlState} = error
  const line = error.line === undefined || error.line <= linesBefore ? undefined : error.line - linesBefore
  const words = line === undefined ? error.words : error.words.replace(/^LINE \d+:/m, `LINE ${line}:`)
  const where = line === undefined ? file.name : `${file.name}, line ${line}`
  return new SqlError(`${where}: ${sqlState}: ${words.split('\n')[0] ?? ''}`, {sqlState, line, words}, {cause: error})
}
