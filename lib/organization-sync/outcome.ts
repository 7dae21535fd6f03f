import {orgSlugPattern} from '../admin-api/organization-operations.ts'
import {degraded, failed, type Outcome, succeeded} from '../job/outcome.ts'
import {publishCommand} from '../run/publish-command.ts'
import type {SavedSyncTally} from './tally.ts'

/** Of a summary the ledger keeps 4,000 characters, and of the reason of a dead letter, as a failed run is, 1,000. */
const maxCommandLength = {degraded: 3000, failed: 700}

/**
 * The outcome of a sync of organizations, over all its parts.
 *
 * @param options.org those that were asked for by name; absent: all active ones.
 */
export function toSyncOutcome(
  tally: SavedSyncTally,
  options: {readonly projectId: string; readonly org: readonly string[] | undefined},
): Outcome {
  const {synced, failed: failing, skipped, failures} = tally
  const {datasetsCreated, tablesCreated, columnsAdded} = tally
  const total = synced + failing + skipped
  const counts = {total, synced, failed: failing, skipped, datasetsCreated, tablesCreated, columnsAdded}
  if (total === 0) return succeeded('there is no active organization: nothing to sync', counts)

  const left = `${skipped} were not active any more when their turn came`
  const warnings = skipped === 0 ? [] : [`${left}, and were skipped`]
  if (failing === 0 && synced === 0) {
    return degraded(`no organization was synced: the list had ${total} as active, but ${left}`, counts)
  }
  if (failing === 0) {
    return succeeded(`${ofTotal(synced, total)} synced: ${whatWasDone(tally)}`, counts, {warnings})
  }

  const errors = failures.map(({orgSlug, reason}) => `${orgSlug}: ${reason}`)
  if (failing > failures.length) errors.push(`and ${failing - failures.length} more, all in the log`)
  const details = {errors, warnings}
  if (synced === 0) {
    const repeat = repeatCommand(tally, options, maxCommandLength.failed)
    return failed(`no organization was synced, ${ofTotal(failing, total)} failed. ${repeat}`, counts, details)
  }
  const repeat = repeatCommand(tally, options, maxCommandLength.degraded)
  return degraded(`${ofTotal(failing, total)} failed, ${synced} synced.\n${repeat}`, counts, details)
}

function ofTotal(part: number, total: number): string {
  return part === total ? `${total} organizations` : `${part} of ${total} organizations`
}

function whatWasDone({datasetsCreated, tablesCreated, columnsAdded}: SavedSyncTally): string {
  const sums = [
    [datasetsCreated, 'datasets created'],
    [tablesCreated, 'tables created'],
    [columnsAdded, 'columns added'],
  ] as const
  const done = sums.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]))
  return done.length === 0 ? 'nothing was missing' : done.join(', ')
}

/** Repeats just those that failed; where they are too many to name, everything, which does the others no harm. */
function repeatCommand(
  {failures, failed: failing}: SavedSyncTally,
  {projectId, org}: {readonly projectId: string; readonly org: readonly string[] | undefined},
  longest: number,
): string {
  // A person copies this into a shell: no name goes there that is not one.
  const slugs = failures.flatMap(({orgSlug}) => (orgSlugPattern.test(orgSlug) ? [orgSlug] : []))
  const just = publishCommand(
    'org-sync-all',
    projectId,
    slugs.map(slug => `org=${slug}`),
  )
  if (slugs.length === 0) return 'None of them can be repeated by name: they are wrong in the API'
  if (failures.length === failing && just.length <= longest) return `Repeat just these: ${just}`
  if (org !== undefined) return 'They are too many to name here: repeat the command, the others are in sync already'
  return `They are too many to name here: repeat all, the others are in sync already: ${publishCommand('org-sync-all', projectId)}`
}
