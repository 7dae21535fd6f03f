import timers from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {SqlError} from '../../lib/errors/sql-error.ts'
import {UnrecordedError} from '../../lib/errors/unrecorded-error.ts'
import {defineJob} from '../../lib/job/job.ts'
import type {JobContext} from '../../lib/job/job-context.ts'
import {continued, degraded, failed, type Outcome, succeeded} from '../../lib/job/outcome.ts'
import {plural} from '../../lib/log/plural.ts'
import {type AnalyzedFile, analyzeFile} from '../../lib/migrations/analyze-file.ts'
import {applyInTransactions} from '../../lib/migrations/apply-migration.ts'
import {applyOutside} from '../../lib/migrations/apply-outside.ts'
import {chooseDue} from '../../lib/migrations/choose-due.ts'
import {planMarking, writeMarks} from '../../lib/migrations/mark-files.ts'
import {isReadOnly, type MigrationArgs, migrationArgs} from '../../lib/migrations/migration-args.ts'
import {describeSet, type MigrationSet, readMigrationFolder} from '../../lib/migrations/migration-folder.ts'
import {type MigrationPlan, planMigrations} from '../../lib/migrations/migration-plan.ts'
import {
  countsOf,
  describeDrift,
  describeFile,
  describeMissing,
  describeStatus,
} from '../../lib/migrations/migration-report.ts'
import {
  ensureTrackingQuery,
  type TrackingRow,
  trackingQuery,
  trackingRowSchema,
} from '../../lib/migrations/tracking-table.ts'
import {publishCommand} from '../../lib/run/publish-command.ts'

/*
 * Brings the Supabase database to what the frontend that is about to be deployed expects: applies the pending files of
 * the folder, in the order of their whole names, each with its record in schema_migrations. Only that record says that a
 * file is applied. Safe to run twice: what is recorded is not applied again, and two runners at once are kept apart by a
 * lock in the database.
 */
type Context = JobContext<MigrationArgs>

export default defineJob({
  summary: 'Applies pending Supabase schema migrations.',
  context: 'OpenClaw running Supabase schema migrations',
  shortcuts: ['migrate'],
  idempotent: true,
  readOnly: isReadOnly,
  // Nothing is left to apply, so nothing is left of what failed before.
  supersedes: ({event, counts}) => (event === 'succeeded' || event === 'degraded') && counts['filesPending'] === 0,
  args: migrationArgs,
  secrets: ['SUPABASE_ACCESS_TOKEN'],
  async run(context) {
    const {environment, log} = context
    const set = await readMigrationFolder(
      environment.migrationsFolder ?? fileURLToPath(new URL('./migrations', import.meta.url)),
    )
    log.info(`migrations: ${describeSet(set)}`)
    const run = createRun(context, set)
    const outcome = await run(planMigrations(set.files, await readTracking(context)))
    return {...outcome, summary: addToFirstLine(outcome.summary, `; ${describeSet(set)}`)}
  },
})

async function readTracking({args, supabase}: Context): Promise<TrackingRow[]> {
  const query = isReadOnly(args) ? trackingQuery : ensureTrackingQuery
  try {
    return await supabase.query(query, {name: 'applied migrations', isIdempotent: true, row: trackingRowSchema})
  } catch (error) {
    // No table: nothing is applied. A run that may change something has made it.
    if (error instanceof SqlError && error.sqlState === '42P01') return []
    throw error
  }
}

function createRun(context: Context, set: MigrationSet) {
  const {args, supabase, log, runId, environment, requestedBy} = context
  const command = (given: readonly string[]) => publishCommand('migrate', environment.projectId, given)

  async function run(plan: MigrationPlan): Promise<Outcome> {
    const marking = planMarking(plan, args, {runId, requestedBy})
    if (marking !== undefined) {
      if ('problem' in marking) return failed(marking.problem, countsOf(plan, 0))
      if (isReadOnly(args)) return succeeded(`dry run: ${marking.done}`, countsOf(plan, 0), {warnings: marking.notes})
      const rows = marking.statements.length === 0 ? undefined : await writeMarks(marking.statements, supabase)
      const marked = rows === undefined ? plan : planMigrations(set.files, rows)
      return endOutcome(marked, `${marking.done} (by ${requestedBy}: ${args.reason})`, 0, marking.notes)
    }
    if (args.status) {
      const summary = `${plural(plan.applied.length, 'file')} applied, ${plan.pending.length} pending`
      if (plan.mismatch !== undefined) return failed(plan.mismatch, countsOf(plan, 0))
      return endOutcome(plan, [summary, ...describeStatus(plan, command)].join('\n'), 0, [])
    }
    const due = chooseDue(plan, args, {runId, command})
    if ('problem' in due) {
      const details = args.strict ? [...due.details, ...describeDrift(plan, command)] : due.details
      return failed(due.problem, countsOf(plan, 0), {errors: details})
    }
    const files = await Promise.all(due.files.map(analyzeFile))
    const problems = files.flatMap(file => file.problems)
    if (problems.length > 0) {
      const summary = `${files.filter(file => file.problems.length > 0).length} of ${plural(files.length, 'file')} can't be applied, so nothing was: ${problems[0]}`
      return failed(summary, countsOf(plan, 0), {errors: [...problems, ...whatToDo()]})
    }
    if (args.dryRun) return dryRunOutcome(plan, files)
    return applyAll(plan, files, due.isForced)
  }

  function dryRunOutcome(plan: MigrationPlan, files: readonly AnalyzedFile[]): Outcome {
    const lines = files.map(describeFile)
    for (const [index, line] of lines.entries()) log.info(line, args.showSql ? {sql: files[index]?.sql} : {})
    // The ledger keeps so much of a summary; the log has each file whole.
    if (args.showSql) lines.push('SQL (whole in the log of this run):', ...files.flatMap(toListing))
    const summary = `dry run: ${files.length} of ${plural(set.files.length, 'file')} would be applied`
    return endOutcome(plan, [summary, ...lines].join('\n'), 0, [])
  }

  async function applyAll(plan: MigrationPlan, files: readonly AnalyzedFile[], isForced: boolean): Promise<Outcome> {
    const {progress, windDown, signal} = context
    const sent: string[] = []
    const notes: string[] = []
    for (const file of files) {
      // What is applied is recorded, so the next message finds by itself where to go on.
      if (windDown.aborted) {
        const story = await readStory(sent)
        return continued(
          `the time was up: ${story.applied.length} applied so far, ${files.length - sent.length} to go`,
          {...args},
          countsOf(story.plan, story.applied.length),
        )
      }
      const recordName = plan.applied.find(applied => applied.file.name === file.name)?.row.filename ?? file.name
      const apply = file.kind === 'outside' ? applyOutside : applyInTransactions
      try {
        if (file.warnings.length > 0) log.warn(`${file.name}: ${file.warnings.join('; ')}`)
        const pause = (seconds: number) =>
          timers.setTimeout(seconds * 1000, undefined, {signal}).catch(() => signal.throwIfAborted())
        const options = {supabase, log, appliedBy: runId, isForced, recordName, wait: pause}
        const how = await apply(file, options)
        if (how === 'applied') sent.push(recordName)
        else notes.push(`${file.name} was applied by another runner in the meantime`)
        log.info(`${file.name}: ${how}`)
        progress({done: sent.length, total: files.length})
      } catch (error) {
        if (!(error instanceof SqlError || error instanceof UnrecordedError)) throw error
        return failedAt(file, error, await readStory([]).catch(() => undefined))
      }
    }
    const story = sent.length + notes.length === 0 ? toStory(plan) : await readStory(sent)
    if (story.unrecorded.length > 0) {
      const {message} = new UnrecordedError(story.unrecorded.join(', '))
      return failed(message, countsOf(story.plan, story.applied.length), {errors: whatToDo()})
    }
    const {applied} = story
    const summary =
      applied.length === 0
        ? `nothing to apply: ${plural(story.plan.applied.length, 'file is', 'files are')} applied already`
        : `${applied.length} applied: ${applied.join(', ')}`
    return endOutcome(story.plan, summary, applied.length, notes)
  }

  /** What the table says of this run, whichever attempt or part of it did it. */
  async function readStory(sent: readonly string[]) {
    const rows = await supabase.query(trackingQuery, {
      name: 'records of this run',
      isIdempotent: true,
      row: trackingRowSchema,
    })
    const own = new Set(rows.filter(row => row.applied_by === runId).map(({filename}) => filename))
    return {...toStory(planMigrations(set.files, rows)), unrecorded: sent.filter(name => !own.has(name))}
  }

  function toStory(plan: MigrationPlan) {
    const applied = plan.applied.filter(({row}) => row.applied_by === runId).map(({file}) => file.name)
    return {plan, applied, unrecorded: [] as readonly string[]}
  }

  function failedAt(
    file: AnalyzedFile,
    error: SqlError | UnrecordedError,
    story: ReturnType<typeof toStory> | undefined,
  ): Outcome {
    const applied = story?.applied ?? []
    const before =
      applied.length === 0
        ? 'nothing was applied before it'
        : `applied before it, and staying so: ${applied.join(', ')}`
    const words = error instanceof SqlError ? error.words.split('\n') : []
    const rest = file.mayStayInPart
      ? [`${file.name} is not one transaction: what it did before the error may have stayed`]
      : []
    const repair = `if the database has all of it by now: ${command([`markApplied=${file.name}`, 'reason="…"'])}`
    return failed(`${error.message}; ${before}`, story === undefined ? {} : countsOf(story.plan, applied.length), {
      errors: [...words, ...rest, ...whatToDo(), repair],
    })
  }

  /** The files travel with the function, so a better one needs a deployment. */
  function whatToDo(): string[] {
    const [, env = '<env>'] = /migrate (\S+)/.exec(command([])) ?? []
    if (env === 'local') return [`fix the file, then: ${command([])}`]
    return [
      `fix the file, then: npm run deploy -- ${env} --only supabase-migrate`,
      `and: npm run replay -- ${env} --all --job supabase-migrate`,
    ]
  }

  function endOutcome(plan: MigrationPlan, summary: string, applied: number, notes: readonly string[]): Outcome {
    const warnings = [...notes, ...describeMissing(plan, command)]
    if (plan.drifted.length === 0) return succeeded(summary, countsOf(plan, applied), {warnings})
    const text = addToFirstLine(
      summary,
      `; ${plan.drifted.length} applied files were changed since, and are not applied again`,
    )
    return degraded(text, countsOf(plan, applied), {errors: describeDrift(plan, command), warnings})
  }

  return run
}

function toListing({name, sql}: AnalyzedFile): string[] {
  return [`-- ${name}`, sql.trimEnd()]
}

function addToFirstLine(text: string, more: string): string {
  const [first = '', ...rest] = text.split('\n')
  return [first + more, ...rest].join('\n')
}
