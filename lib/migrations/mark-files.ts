import * as z from 'zod'
import type {Supabase} from '../supabase/supabase.ts'
import type {MigrationArgs} from './migration-args.ts'
import {findMigration, findRange, type MigrationPlan} from './migration-plan.ts'
import {
  acceptStatement,
  fileNameOf,
  lockKey,
  recordStatement,
  removeStatement,
  trackingQuery,
  trackingRowSchema,
} from './tracking-table.ts'

/** Repairs of the record that were asked for: what they change, or why they can't. */
export type Marking =
  | {readonly statements: readonly string[]; readonly done: string; readonly notes: readonly string[]}
  | {readonly problem: string}

/** `applied_by` is a varchar(255). */
const maxAppliedBy = 255

/**
 * What markApplied, acceptChange or markPending changes in the table. Never SQL of a file.
 *
 * @returns undefined where none is among the arguments.
 */
export function planMarking(
  plan: MigrationPlan,
  args: MigrationArgs,
  by: {readonly runId: string; readonly requestedBy: string},
): Marking | undefined {
  const {markApplied, acceptChange, markPending, reason = ''} = args
  const signed = (words: string, before = '') => {
    const tail = `; run ${by.runId}`
    return `${`${before}${words} by ${by.requestedBy}: ${reason}`.slice(0, maxAppliedBy - tail.length).toWellFormed()}${tail}`
  }
  if (markApplied !== undefined) return markFilesApplied(plan, markApplied, signed('marked as applied'))
  if (acceptChange !== undefined) {
    const found = findMigration(plan.files, acceptChange)
    if (typeof found === 'string') return {problem: found}
    const applied = plan.applied.find(({file}) => file === found)
    if (applied === undefined) return {problem: `${found.name} isn't applied: there is no change to accept`}
    const before = (applied.row.applied_by ?? 'unknown').slice(0, 80)
    const appliedBy = signed('change accepted', `${before}; `)
    return {
      statements: [acceptStatement(applied.row.filename ?? '', found.checksum, appliedBy)],
      done: `${found.name}: today's content counts as what was applied`,
      notes: plan.drifted.includes(applied) ? [] : [`${found.name} was not changed as far as its record tells`],
    }
  }
  return markPending === undefined ? undefined : markFilePending(plan, markPending)
}

function markFilesApplied(plan: MigrationPlan, wanted: string, appliedBy: string): Marking {
  const range = findRange(plan.files, wanted)
  if (typeof range === 'string') return {problem: range}
  const fresh = range.filter(file => plan.pending.includes(file))
  const notes = range.filter(file => !fresh.includes(file)).map(({name}) => `${name} is applied already: left as it is`)
  return {
    statements: fresh.map(({name, checksum}) => recordStatement({name, checksum, appliedBy, milliseconds: '0'})),
    done:
      fresh.length === 0
        ? 'nothing to mark'
        : `counted as applied without running: ${fresh.map(({name}) => name).join(', ')}`,
    notes,
  }
}

/** By a file's name or number, or by what the table has: a row may be about a file that is gone. */
function markFilePending(plan: MigrationPlan, wanted: string): Marking {
  const rows = [...plan.applied.map(({row}) => row), ...plan.missing]
  const found = findMigration(plan.files, wanted)
  const name = typeof found === 'string' ? wanted : found.name
  const matching = rows.filter(row => row.filename === wanted || [name, `${name}.sql`].includes(fileNameOf(row) ?? ''))
  if (matching.length === 0) {
    if (typeof found === 'string') return {problem: found}
    return {statements: [], done: `${name} is pending already`, notes: []}
  }
  const isFile = typeof found !== 'string'
  return {
    statements: matching.map(({filename}) => removeStatement(filename ?? '')),
    done: isFile
      ? `${name} is pending again: the next run applies it`
      : `the record of ${name} is gone; there is no such file`,
    notes: [],
  }
}

/** Changes the records under the runners' lock, in one transaction, and reads them back. */
export async function writeMarks(statements: readonly string[], supabase: Supabase) {
  const lock = `do $migrate$ begin perform pg_advisory_xact_lock(${lockKey}); end $migrate$;`
  const sql = [lock, ...statements].join('\n')
  // Each statement sets what it says, whatever is there: twice is as good as once.
  await supabase.query(sql, {name: 'changed records', isIdempotent: true, row: z.unknown()})
  return supabase.query(trackingQuery, {name: 'applied migrations', isIdempotent: true, row: trackingRowSchema})
}
