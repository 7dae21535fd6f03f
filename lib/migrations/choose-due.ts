import type {MigrationArgs} from './migration-args.ts'
import {compareNames, type MigrationFile} from './migration-file.ts'
import {findMigration, type MigrationPlan} from './migration-plan.ts'

/** What a run is to apply, or why it may not. */
export type Due =
  | {readonly files: readonly MigrationFile[]; readonly isForced: boolean}
  | {readonly problem: string; readonly details: readonly string[]}

/** Applied names that a refusal lists. */
const maxListed = 3

/**
 * Chooses the files of a run by its arguments.
 *
 * @param command prints the command that runs the job with these arguments, for what a refusal advises.
 */
export function chooseDue(
  plan: MigrationPlan,
  args: MigrationArgs,
  options: {readonly runId: string; readonly command: (args: readonly string[]) => string},
): Due {
  if (plan.mismatch !== undefined) return {problem: plan.mismatch, details: []}
  if (args.strict && plan.drifted.length > 0) {
    return {
      problem: `${plan.drifted.length} applied files were changed since: strict, so nothing was applied`,
      details: [],
    }
  }
  const chosen = chooseFiles(plan, args, options.runId)
  if (typeof chosen === 'string') return {problem: chosen, details: []}
  const allowed = (args.outOfOrder ?? []).map(wanted => findMigration(plan.files, wanted))
  const unknown = allowed.find(found => typeof found === 'string')
  if (unknown !== undefined) return {problem: unknown, details: []}
  const refused = chosen.filter(file => plan.outOfOrder.has(file.name) && !allowed.includes(file))
  if (refused.length === 0) return {files: chosen, isForced: args.force !== undefined}
  return {
    problem: `${refused.map(({name}) => name).join(', ')} ${refused.length === 1 ? 'is' : 'are'} out of order: pending, but before files that are applied, whose changes ${refused.length === 1 ? 'it' : 'they'} might undo; nothing was applied`,
    details: refused.flatMap(({name}) => describeOutOfOrder(name, plan, options.command)),
  }
}

export function describeOutOfOrder(
  name: string,
  plan: MigrationPlan,
  command: (args: readonly string[]) => string,
): string[] {
  const later = plan.outOfOrder.get(name) ?? []
  const more = later.length > maxListed ? ` and ${later.length - maxListed} more` : ''
  return [
    `${name} comes before ${later.slice(0, maxListed).join(', ')}${more}, applied already`,
    `  if the database has it, or no longer needs it: ${command([`markApplied=${name}`, 'reason="…"'])}`,
    `  to apply it anyway: ${command([`outOfOrder=${name}`])}`,
  ]
}

function chooseFiles(plan: MigrationPlan, args: MigrationArgs, runId: string): readonly MigrationFile[] | string {
  const {files, pending} = plan
  const wanted = args.only ?? args.force ?? args.target
  if (wanted === undefined) return pending
  const found = findMigration(files, wanted)
  if (typeof found === 'string') return found
  if (args.target !== undefined) return pending.filter(({name}) => compareNames(name, found.name) <= 0)
  if (args.only !== undefined) return pending.includes(found) ? [found] : []
  // Another attempt of this run may have been through it.
  const row = plan.applied.find(({file}) => file === found)?.row
  return row?.applied_by === runId ? [] : [found]
}
