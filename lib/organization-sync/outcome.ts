import {orgSlugPattern} from '../admin-api/organization-operations.ts'
import {degraded, failed, type Outcome, succeeded} from '../job/outcome.ts'
import {plural} from '../log/plural.ts'
import {toPrintableLine} from '../log/printable.ts'
import {publishCommand} from '../run/publish-command.ts'
import type {SyncTally} from './tally.ts'

/** Of a summary the ledger keeps 4,000 characters, and of the reason of a dead letter, as a failed run is, 1,000. */
const maxCommandLength = {degraded: 3000, failed: 700}

/**
 * The outcome of a sync of organizations, over all its parts.
 *
 * @param options.org those that were asked for by name; absent: all active ones.
 */
export function toSyncOutcome(
  tally: SyncTally,
  options: {readonly projectId: string; readonly org: readonly string[] | undefined},
): Outcome {
  const {synced, failed: failing, skipped, failures, unlisted} = tally
  const {datasetsCreated, tablesCreated, columnsAdded} = tally
  const total = synced + failing + skipped + unlisted.length
  const counts = {
    total,
    synced,
    failed: failing,
    skipped,
    ...(unlisted.length === 0 ? {} : {unlisted: unlisted.length}),
    datasetsCreated,
    tablesCreated,
    columnsAdded,
  }
  if (total === 0) return succeeded('there is no active organization: nothing to sync', counts)

  const left = `${plural(skipped, 'was', 'were')} not active any more when ${skipped === 1 ? 'its' : 'their'} turn came`
  const warnings = skipped === 0 ? [] : [`${left}, and ${skipped === 1 ? 'was' : 'were'} skipped`]
  const unread = unlisted.map(describeUnlisted)
  if (failing === 0 && unread.length > 0) {
    const summary = `${ofTotal(synced, total)} synced, and ${unread.length} can't be read from the list. ${unlistedFix}`
    return degraded(summary, counts, {errors: unread, warnings})
  }
  if (failing === 0 && synced === 0) {
    return degraded(`no organization was synced: the list had ${total} as active, but ${left}`, counts)
  }
  if (failing === 0) {
    return succeeded(`${ofTotal(synced, total)} synced: ${whatWasDone(tally)}`, counts, {warnings})
  }

  const errors = failures.map(({orgSlug, reason}) => `${orgSlug}: ${reason}`)
  if (failing > failures.length) errors.push(`and ${failing - failures.length} more, all in the log`)
  const details = {errors: [...errors, ...unread], warnings}
  const unreadText = unread.length === 0 ? '' : ` ${unread.length} more can't be read from the list. ${unlistedFix}`
  if (synced === 0) {
    const repeat = repeatCommand(tally, options, maxCommandLength.failed)
    return failed(`no organization was synced, ${ofTotal(failing, total)} failed. ${repeat}`, counts, details)
  }
  const repeat = repeatCommand(tally, options, maxCommandLength.degraded)
  return degraded(`${ofTotal(failing, total)} failed, ${synced} synced.${unreadText}\n${repeat}`, counts, details)
}

/** Seen where a row lacks what the API's answer must have. */
const unlistedFix =
  'Look for rows without default_currency or default_timezone among the active organizations, complete them, then run again'

function describeUnlisted({position, after}: SyncTally['unlisted'][number]): string {
  const place = after === undefined ? '' : `, right after ${toPrintableLine(after, 60)}`
  return `position ${position} of the list of active organizations, newest first${place}: the API can't serve its row (HTTP 500)`
}

function ofTotal(part: number, total: number): string {
  return part === total ? plural(total, 'organization') : `${part} of ${plural(total, 'organization')}`
}

function whatWasDone({datasetsCreated, tablesCreated, columnsAdded}: SyncTally): string {
  const sums = [
    [datasetsCreated, 'dataset created', 'datasets created'],
    [tablesCreated, 'table created', 'tables created'],
    [columnsAdded, 'column added', 'columns added'],
  ] as const
  const done = sums.flatMap(([count, one, many]) => (count === 0 ? [] : [plural(count, one, many)]))
  return done.length === 0 ? 'nothing was missing' : done.join(', ')
}

/** Repeats just those that failed; where they are too many to name, everything, which does the others no harm. */
function repeatCommand(
  {failures, failed: failing}: SyncTally,
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
