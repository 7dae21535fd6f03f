import type {Counts} from '../job/outcome.ts'
import {plural} from '../log/plural.ts'
import type {AnalyzedFile} from './analyze-file.ts'
import {describeOutOfOrder} from './choose-due.ts'
import type {AppliedFile, MigrationPlan} from './migration-plan.ts'
import {fileNameOf} from './tracking-table.ts'

/** Prints the command that runs the job with arguments, each `key=value`. */
export type PrintCommand = (args: readonly string[]) => string

/** @param applied by this run, over all its attempts and parts. */
export function countsOf(plan: MigrationPlan, applied: number): Counts {
  return {
    filesApplied: applied,
    filesPending: plan.pending.length,
    filesDrifted: plan.drifted.length,
    filesMissing: plan.missing.length,
  }
}

/** Changed files, each with both ways out. */
export function describeDrift({drifted}: MigrationPlan, command: PrintCommand): string[] {
  return drifted.flatMap(({file: {name}}) => [
    `${name} was changed after it was applied: put it back, and make a new file of the change`,
    `  or, if the database is right as it is: ${command([`acceptChange=${name}`, 'reason="…"'])}`,
  ])
}

/** Recorded names that no file bears. */
export function describeMissing({missing}: MigrationPlan, command: PrintCommand): string[] {
  const named = missing.flatMap(row => fileNameOf(row) ?? [])
  const nameless = missing.length - named.length
  return [
    ...named.map(
      name =>
        `${name} is recorded as applied, but is not among the files; to drop the record: ${command([`markPending=${name}`, 'reason="…"'])}`,
    ),
    ...(nameless === 0
      ? []
      : [`${plural(nameless, 'row has no file name, and counts', 'rows have no file name, and count')} for nothing`]),
  ]
}

/** Every file, what needs attention first. */
export function describeStatus(plan: MigrationPlan, command: PrintCommand): string[] {
  const changed = new Set(plan.drifted.map(({file}) => file))
  return [
    ...plan.pending.map(({name}) => `${name}: pending${plan.outOfOrder.has(name) ? ', out of order' : ''}`),
    ...[...plan.outOfOrder.keys()].flatMap(name => describeOutOfOrder(name, plan, command)),
    ...plan.applied.map(
      item => `${item.file.name}: ${describeApplied(item)}${changed.has(item.file) ? ', changed since' : ''}`,
    ),
  ]
}

function describeApplied({row}: AppliedFile): string {
  return row.applied_at === null ? 'applied' : `applied ${row.applied_at.slice(0, 16)}`
}

/** What a dry run says of one file. */
export function describeFile(file: AnalyzedFile): string {
  const size = file.bytes < 1000 ? `${file.bytes} B` : `${(file.bytes / 1000).toFixed(1)} KB`
  const kind = {
    transaction: 'one transaction',
    'own transactions': 'own transactions',
    outside: 'outside a transaction',
  }
  const count = plural(file.statements.length, 'statement')
  return [`would apply ${file.name} (${size}, ${count}, ${kind[file.kind]})`, ...file.warnings].join('; ')
}
