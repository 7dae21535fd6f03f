import * as z from 'zod'
import {SqlError} from '../errors/sql-error.ts'
import {UnavailableError} from '../errors/unavailable-error.ts'
import {UnrecordedError} from '../errors/unrecorded-error.ts'
import type {AnalyzedFile} from './analyze-file.ts'
import {
  type Applied,
  type ApplyOptions,
  atLineOfFile,
  findRunning,
  readRecord,
  refuseWhileRunning,
} from './apply-migration.ts'
import {findIndexes} from './index-state.ts'
import {outsideRequest} from './migration-request.ts'
import {recordStatement} from './tracking-table.ts'

const lostAnswerSeconds = 60
const otherRunnerSeconds = 3
const otherRunnerTries = 20

/**
 * Applies a file whose one statement can't run in a transaction. Statement and record are two requests: what happens in
 * between is found out before the statement is ever sent again.
 *
 * @throws SqlError, also for an INVALID index that a broken try left; UnavailableError if the outcome stays unknown.
 */
export async function applyOutside(file: AnalyzedFile, options: ApplyOptions): Promise<Applied> {
  const {supabase, log, appliedBy, isForced, recordName = file.name} = options
  await refuseWhileRunning(file, supabase)
  const earlier = await readRecord(recordName, supabase)
  if (earlier !== undefined && !isForced) return earlier.applied_by === appliedBy ? 'applied' : 'elsewhere'
  await refuseInvalidIndexes(file, options)
  const {sql, linesBefore} = outsideRequest(file)
  const startedAt = performance.now()
  try {
    await supabase.query(sql, {name: file.name, isIdempotent: false, row: z.unknown()})
  } catch (error) {
    if (error instanceof SqlError) {
      if (await isRecordedElsewhere(file, options)) return 'elsewhere'
      await refuseInvalidIndexes(file, options, error)
      throw atLineOfFile(file, error, linesBefore)
    }
    if (!(error instanceof UnavailableError) || !error.mayHaveExecuted) throw error
    log.warn(`${file.name}: no answer; what it did is read in ${lostAnswerSeconds} s`, {reason: error.message})
    await options.wait(lostAnswerSeconds)
    await refuseWhileRunning(file, supabase)
    await refuseInvalidIndexes(file, options)
    const indexes = await findIndexes(file, supabase)
    // Nothing else leaves a trace that proves it; the next attempt sends the statement again.
    if (!indexes.some(({isNamed}) => isNamed)) throw error
  }
  const milliseconds = String(Math.round(performance.now() - startedAt))
  const record = recordStatement({name: recordName, checksum: file.checksum, appliedBy, milliseconds})
  await supabase.query(record, {name: `record of ${file.name}`, isIdempotent: true, row: z.unknown()})
  const row = await readRecord(recordName, supabase)
  if (row?.applied_by !== appliedBy) throw new UnrecordedError(file.name)
  return 'applied'
}

/** Whether the error comes from another runner that was at the same statement: its end is waited for. */
async function isRecordedElsewhere(file: AnalyzedFile, {supabase, wait, recordName, isForced}: ApplyOptions) {
  for (let tries = 1; tries < otherRunnerTries; tries += 1) {
    if ((await findRunning(file, supabase)) === undefined) break
    await wait(otherRunnerSeconds)
  }
  return !isForced && (await readRecord(recordName ?? file.name, supabase)) !== undefined
}

async function refuseInvalidIndexes(file: AnalyzedFile, {supabase}: ApplyOptions, cause?: SqlError): Promise<void> {
  const invalid = (await findIndexes(file, supabase)).filter(({isValid}) => !isValid)
  if (invalid.length === 0) return
  const names = invalid.map(({name}) => name)
  const reason = cause === undefined ? '' : `${cause.words.split('\n')[0]}; `
  const text = `${file.name}: ${reason}a try that broke off left ${names.join(', ')} INVALID: run ${names.map(name => `DROP INDEX CONCURRENTLY ${name};`).join(' ')} in Supabase's SQL editor, then run the migration again`
  throw new SqlError(
    text,
    {sqlState: cause?.sqlState ?? '42P07', line: undefined, words: cause?.words ?? text},
    {cause},
  )
}
