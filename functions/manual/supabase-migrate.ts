import {fileURLToPath} from 'node:url'
import * as z from 'zod'
import {SqlError} from '../../lib/errors/sql-error.ts'
import {defineJob} from '../../lib/job/job.ts'
import type {JobContext} from '../../lib/job/job-context.ts'
import {continued, degraded, failed, type Outcome, succeeded} from '../../lib/job/outcome.ts'
import {applyMigration} from '../../lib/migrations/apply-migration.ts'
import type {MigrationFile} from '../../lib/migrations/migration-file.ts'
import {readMigrationFolder} from '../../lib/migrations/migration-folder.ts'
import {
  findMigration,
  type MigrationPlan,
  planMigrations,
  trackingRowSchema,
} from '../../lib/migrations/migration-plan.ts'
import {trackingQuery} from '../../lib/migrations/migration-sql.ts'

/*
 * Brings the Supabase database to what the frontend that is about to be deployed expects: applies the pending files of
 * the folder, in the order of their whole names, each in one transaction with its record in schema_migrations. Running it
 * twice is safe: what is recorded is not applied again, and two runners at once are kept apart by a lock in the database.
 */
const args = z
  .strictObject({
    dryRun: z.boolean().default(false).describe('list what would be applied, and apply nothing'),
    status: z.boolean().default(false).describe('list every file with its state, and apply nothing'),
    strict: z.boolean().default(false).describe('apply nothing if an applied file was changed since'),
    only: z.string().min(1).max(255).optional().describe('apply this one file: its name, or its number'),
    force: z.string().min(1).max(255).optional().describe('apply this one file even if it was applied already'),
  })
  .refine(given => given.only === undefined || given.force === undefined, 'only and force exclude each other')

type Context = JobContext<z.output<typeof args>>

export default defineJob({
  summary: 'Applies pending Supabase schema migrations.',
  context: 'OpenClaw running Supabase schema migrations',
  shortcuts: ['migrate'],
  idempotent: true,
  args,
  secrets: ['SUPABASE_ACCESS_TOKEN'],
  async run(context) {
    const {environment, supabase} = context
    const {files} = await readMigrationFolder(
      environment.migrationsFolder ?? fileURLToPath(new URL('./migrations', import.meta.url)),
    )
    const rows = await readTracking(supabase)
    if (rows === undefined) {
      return failed(
        'the tracking table public.schema_migrations does not exist: create it first, see 01_tracking_table.sql',
      )
    }
    return migrate(context, files, planMigrations(files, rows))
  },
})

async function readTracking(supabase: Context['supabase']) {
  try {
    return await supabase.query(trackingQuery, {name: 'applied migrations', isIdempotent: true, row: trackingRowSchema})
  } catch (error) {
    if (error instanceof SqlError && error.sqlState === '42P01') return undefined
    throw error
  }
}

async function migrate(context: Context, files: readonly MigrationFile[], plan: MigrationPlan): Promise<Outcome> {
  const {args} = context
  const wanted = args.only ?? args.force
  const chosen = wanted === undefined ? undefined : findMigration(files, wanted)
  if (wanted !== undefined && chosen === undefined) {
    return failed(`there is no single file ${JSON.stringify(wanted)}: name it in full`, countsOf(plan, 0))
  }
  if (args.status) return statusOutcome(plan)
  if (args.strict && plan.drifted.length > 0) {
    const summary = `${plan.drifted.length} applied files were changed since: strict, so nothing was applied`
    return failed(summary, countsOf(plan, 0), {errors: driftLines(plan)})
  }
  const isForced = args.force !== undefined
  const due = chosen === undefined ? plan.pending : isForced || plan.pending.includes(chosen) ? [chosen] : []
  if (args.dryRun) {
    const lines = due.map(({name}) => `would apply ${name}`)
    const summary = `dry run: ${due.length} of ${files.length} files would be applied`
    return endOutcome(plan, [summary, ...lines].join('\n'), 0, [])
  }
  return applyAll(context, plan, due, isForced)
}

async function applyAll(
  context: Context,
  plan: MigrationPlan,
  due: readonly MigrationFile[],
  isForced: boolean,
): Promise<Outcome> {
  const {args, supabase, log, runId, progress, windDown} = context
  const applied: string[] = []
  const notes: string[] = []
  for (const file of due) {
    // What is applied is recorded, so the next message finds by itself where to go on.
    if (windDown.aborted)
      return continued(
        `the time was up after ${applied.length} of ${due.length} files`,
        {...args},
        countsOf(plan, applied.length),
      )
    try {
      const how = await applyMigration(file, {supabase, log, appliedBy: runId, isForced})
      if (how === 'applied') applied.push(file.name)
      else notes.push(`${file.name} was applied by another runner meanwhile`)
      if (file.hasOwnTransaction)
        notes.push(`${file.name} ends its transaction itself: had it failed, a part might have stayed`)
      log.info(`${file.name}: ${how}`)
      progress({done: applied.length, total: due.length})
    } catch (error) {
      if (!(error instanceof SqlError)) throw error
      const before =
        applied.length === 0
          ? 'nothing was applied before it'
          : `applied before it, and staying so: ${applied.join(', ')}`
      const hint = file.isAlone ? ['it runs outside a transaction: what it did before the error may have stayed'] : []
      return failed(`${error.message}; ${before}`, countsOf(plan, applied.length), {
        errors: [...error.words.split('\n'), ...hint],
      })
    }
  }
  const summary =
    applied.length === 0
      ? `nothing to apply: ${plan.applied.length} files are applied already`
      : `${applied.length} applied: ${applied.join(', ')}`
  return endOutcome(plan, summary, applied.length, notes)
}

function endOutcome(plan: MigrationPlan, summary: string, applied: number, notes: readonly string[]): Outcome {
  const missing = plan.missing.map(name => `${name} is recorded as applied, but is not among the files`)
  const warnings = [...notes, ...missing]
  if (plan.drifted.length === 0) return succeeded(summary, countsOf(plan, applied), {warnings})
  const text = `${summary}; ${plan.drifted.length} applied files were changed since, and are not applied again`
  return degraded(text, countsOf(plan, applied), {errors: driftLines(plan), warnings})
}

function statusOutcome(plan: MigrationPlan): Outcome {
  const lines = [
    ...plan.applied.filter(file => !plan.drifted.includes(file)).map(({name}) => `${name}: applied`),
    ...plan.pending.map(({name}) => `${name}: pending`),
  ]
  const summary = `${plan.applied.length} files applied, ${plan.pending.length} pending`
  return endOutcome(plan, [summary, ...lines].join('\n'), 0, [])
}

function driftLines({drifted}: MigrationPlan): string[] {
  return drifted.map(
    ({name}) => `${name} was changed after it was applied: put it back, and make a new file of the change`,
  )
}

function countsOf({pending, drifted, missing}: MigrationPlan, applied: number): Record<string, number> {
  return {
    filesApplied: applied,
    filesPending: pending.length - Math.min(applied, pending.length),
    filesDrifted: drifted.length,
    filesMissing: missing.length,
  }
}
