import {styleText} from 'node:util'
import {toPrintableLine} from '../../lib/log/printable.ts'
import {describeSet} from '../../lib/migrations/migration-folder.ts'
import {describeFile} from '../../lib/migrations/migration-report.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import {formatTable, shorten} from '../cli/table.ts'
import type {MigrationOverview, MigrationState} from './find-migrations.ts'

const styles = {applied: 'green', changed: 'red', pending: 'yellow', 'out of order': 'red', missing: 'red'} as const
/** Widths that add up to 80 columns. */
const widths = {name: 38, by: 11}

/** The whole overview: the table in 80 columns, and below it what to do. */
export function formatMigrations(
  {set, projectRef, states, next, advice}: MigrationOverview,
  {name: environment}: TargetEnvironment,
): string {
  return [
    styleText('bold', `Migrations in ${environment} (Supabase project ${projectRef})`),
    toPrintableLine(describeSet(set)),
    '',
    formatTable(['file', 'state', 'by', 'took'], states.map(toCells)),
    '',
    ...formatNext(next, environment),
    ...(advice.length === 0 ? [] : ['', styleText('yellow', 'To fix:'), ...advice.map(line => toPrintable(line))]),
  ].join('\n')
}

function toPrintable(line: string): string {
  const indent = /^ */.exec(line)?.[0] ?? ''
  return `  ${indent}${toPrintableLine(line)}`
}

function toCells({name, state, appliedAt, appliedBy, milliseconds}: MigrationState): string[] {
  const day = appliedAt === null ? '' : ` ${toPrintableLine(appliedAt.slice(0, 10))}`
  return [
    shorten(toPrintableLine(name), widths.name),
    `${styleText(styles[state], state)}${day}`,
    shorten(formatBy(toPrintableLine(appliedBy ?? '')), widths.by),
    milliseconds === null ? '' : formatTook(milliseconds),
  ]
}

/** A run's id says little in eleven columns; `--json` has it whole. */
function formatBy(appliedBy: string): string {
  const who = /(?:marked as applied|change accepted) by (.*?):/.exec(appliedBy)?.[1]
  if (who !== undefined) return `✎ ${who}`
  return appliedBy.startsWith('supabase-migrate@') ? 'this job' : appliedBy
}

function formatTook(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds} ms`
  return milliseconds < 100_000 ? `${(milliseconds / 1000).toFixed(1)} s` : `${Math.round(milliseconds / 60_000)} min`
}

function formatNext({files, problem}: MigrationOverview['next'], environment: string): string[] {
  if (problem !== null) return [`${styleText('red', 'The next run would be refused:')} ${toPrintableLine(problem)}`]
  if (files.length === 0) return [styleText('green', 'The next run has nothing to apply.')]
  return [
    `The next run (npm run publish -- migrate ${environment}):`,
    ...files.map(file => `  ${toPrintableLine(describeFile(file))}`),
  ]
}
