import * as z from 'zod'

const name = z.string().min(1).max(255)
/** Repairs of the record, none of which runs SQL of a file. */
const marks = ['markApplied', 'acceptChange', 'markPending'] as const

/** What `--arg` says to the migration job. */
export const migrationArgs = z
  .strictObject({
    dryRun: z.boolean().default(false).describe('list what would be applied, and apply nothing'),
    showSql: z.boolean().default(false).describe('with dryRun: also print the SQL of each file'),
    status: z.boolean().default(false).describe('list every file with its state, and apply nothing'),
    strict: z.boolean().default(false).describe('apply nothing if an applied file was changed since'),
    only: name.optional().describe('apply this one file: its name, or its number'),
    force: name.optional().describe('apply this one file even if it was applied already'),
    target: name.optional().describe('apply pending files up to this one'),
    outOfOrder: z.array(name).optional().describe('apply this file although later ones are applied'),
    markApplied: name.optional().describe('count a file, or a range 04..37a, as applied without running it'),
    acceptChange: name.optional().describe("accept an applied file's content of today"),
    markPending: name.optional().describe('forget that a file was applied, so that the next run applies it'),
    reason: z.string().trim().min(1).max(200).optional().describe('why; needed with the three above'),
  })
  .refine(
    given => [given.only, given.force, given.target].filter(value => value !== undefined).length <= 1,
    'only, force and target exclude each other',
  )
  .refine(
    given => marks.filter(mark => given[mark] !== undefined).length <= 1,
    'markApplied, acceptChange and markPending exclude each other',
  )
  .refine(
    given =>
      marks.every(mark => given[mark] === undefined) ||
      [given.only, given.force, given.target, given.outOfOrder].every(value => value === undefined),
    'markApplied, acceptChange and markPending change records only: leave out only, force, target and outOfOrder',
  )
  .refine(
    given => marks.every(mark => given[mark] === undefined) || given.reason !== undefined,
    'reason is missing: --arg reason="why" is recorded with the change',
  )

export type MigrationArgs = z.output<typeof migrationArgs>

/** Whether a run with these arguments changes nothing. */
export function isReadOnly({dryRun, status}: Pick<MigrationArgs, 'dryRun' | 'status'>): boolean {
  return dryRun || status
}
