import {SqlError} from '../../lib/errors/sql-error.ts'
import {type AnalyzedFile, analyzeFile} from '../../lib/migrations/analyze-file.ts'
import {chooseDue, describeOutOfOrder} from '../../lib/migrations/choose-due.ts'
import {migrationArgs} from '../../lib/migrations/migration-args.ts'
import {type MigrationSet, readMigrationFolder} from '../../lib/migrations/migration-folder.ts'
import {type MigrationPlan, planMigrations} from '../../lib/migrations/migration-plan.ts'
import {describeDrift, describeMissing} from '../../lib/migrations/migration-report.ts'
import {fileNameOf, type TrackingRow, trackingQuery, trackingRowSchema} from '../../lib/migrations/tracking-table.ts'
import {publishCommand} from '../../lib/run/publish-command.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import type {MigrationDatabase} from './open-database.ts'

/** One line of the table. */
export type MigrationState = {
  readonly name: string
  readonly state: 'applied' | 'changed' | 'pending' | 'out of order' | 'missing'
  /** As PostgreSQL prints it. */
  readonly appliedAt: string | null
  readonly appliedBy: string | null
  readonly milliseconds: number | null
}

export type MigrationOverview = {
  readonly set: MigrationSet
  readonly projectRef: string
  readonly states: readonly MigrationState[]
  /** What a run without arguments would do. */
  readonly next: {readonly files: readonly AnalyzedFile[]; readonly problem: string | null}
  /** What is odd, each with the command that fixes it. */
  readonly advice: readonly string[]
}

/** Compares an environment's database with its folder. Changes nothing. */
export async function findMigrations(
  database: MigrationDatabase,
  target: TargetEnvironment,
): Promise<MigrationOverview> {
  const set = await readMigrationFolder(database.folder)
  const plan = planMigrations(set.files, await readRows(database))
  const command = (args: readonly string[]) => publishCommand('migrate', target.projectId, args)
  const due = chooseDue(plan, migrationArgs.parse({}), {runId: '', command})
  const files = await Promise.all(plan.pending.map(analyzeFile))
  const problems = files.flatMap(file => file.problems)
  const refusal = 'problem' in due ? due.problem : problems.length > 0 ? `${problems[0]}` : null
  return {
    set,
    projectRef: database.projectRef,
    states: toStates(plan),
    next: {files: refusal === null ? files : [], problem: refusal},
    advice: [
      ...[...plan.outOfOrder.keys()].flatMap(name => describeOutOfOrder(name, plan, command)),
      ...problems,
      ...describeDrift(plan, command),
      ...describeMissing(plan, command),
    ],
  }
}

async function readRows({supabase}: MigrationDatabase): Promise<TrackingRow[]> {
  try {
    const name = 'applied migrations'
    return await supabase.query(trackingQuery, {name, isIdempotent: true, row: trackingRowSchema})
  } catch (error) {
    if (error instanceof SqlError && error.sqlState === '42P01') return []
    throw error
  }
}

/** In the folder's order; what is recorded and not there comes last. */
function toStates(plan: MigrationPlan): MigrationState[] {
  const applied = new Map(plan.applied.map(({file, row}) => [file.name, row]))
  const changed = new Set(plan.drifted.map(({file}) => file.name))
  const nothing = {appliedAt: null, appliedBy: null, milliseconds: null}
  return [
    ...plan.files.map(({name}): MigrationState => {
      const row = applied.get(name)
      if (row === undefined) return {name, state: plan.outOfOrder.has(name) ? 'out of order' : 'pending', ...nothing}
      return {name, state: changed.has(name) ? 'changed' : 'applied', ...factsOf(row)}
    }),
    ...plan.missing.map(
      (row): MigrationState => ({name: fileNameOf(row) ?? '(no name)', state: 'missing', ...factsOf(row)}),
    ),
  ]
}

function factsOf(row: TrackingRow): Pick<MigrationState, 'appliedAt' | 'appliedBy' | 'milliseconds'> {
  return {appliedAt: row.applied_at, appliedBy: row.applied_by, milliseconds: row.execution_time_ms}
}
