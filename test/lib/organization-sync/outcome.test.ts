import assert from 'node:assert/strict'
import {toPrintableLine} from '../../../lib/log/printable.ts'
import {toSyncOutcome} from '../../../lib/organization-sync/outcome.ts'
import {type SyncTally, syncTallySchema} from '../../../lib/organization-sync/tally.ts'

const all = {projectId: 'cloudact-prod', org: undefined}
const tally = (given: Partial<SyncTally>) => syncTallySchema.parse({isListed: true, ...given})
const failures = (count: number, length = 10) =>
  Array.from({length: count}, (_, i) => ({orgSlug: `o${i}_`.padEnd(length, 'x'), reason: 'access denied'}))

describe('toSyncOutcome', () => {
  it('names those that failed in a command as long as the ledger keeps a summary', () => {
    const {summary} = toSyncOutcome(tally({synced: 9, failed: 55, failures: failures(55, 40)}), all)
    assert.equal(summary.match(/--arg org=/g)?.length, 55)
    assert.ok(summary.length < 4000)
  })

  it('repeats all where they are too many to name', () => {
    const {summary} = toSyncOutcome(tally({synced: 9, failed: 100, failures: failures(100, 50)}), all)
    assert.match(summary, /repeat all, the others are in sync already: npm run publish -- org-sync-all prod$/)
  })

  it('repeats what was asked for where that was named, and is too many', () => {
    const org = failures(100, 50).map(({orgSlug}) => orgSlug)
    const {summary} = toSyncOutcome(tally({synced: 9, failed: 100, failures: failures(100, 50)}), {...all, org})
    assert.match(summary, /repeat the command, the others are in sync already$/)
  })

  it('fits the command into the reason of a dead letter where none was synced', () => {
    for (const count of [1, 20, 30, 200]) {
      const {event, summary} = toSyncOutcome(tally({failed: count, failures: failures(count)}), all)
      assert.equal(event, 'failed')
      assert.equal(toPrintableLine(summary, 1000), summary)
    }
  })

  it('counts what it can’t list', () => {
    const {errors} = toSyncOutcome(tally({synced: 1, failed: 300, failures: failures(200)}), all)
    assert.deepEqual([errors.length, errors[200]], [201, 'and 100 more, all in the log'])
  })

  it('is degraded where the list has an entry that can’t be read, and says where it is and what to look for', () => {
    const {event, summary, errors, counts} = toSyncOutcome(
      tally({synced: 9, unlisted: [{position: 5, after: 'acme_inc'}]}),
      all,
    )
    assert.equal(event, 'degraded')
    assert.deepEqual([counts['total'], counts['unlisted']], [10, 1])
    assert.match(summary, /^9 of 10 organizations synced, and 1 can't be read from the list\. Look for rows without/)
    assert.match(errors[0] ?? '', /^position 5 of the list .*, right after acme_inc: /)
    const both = toSyncOutcome(tally({synced: 8, failed: 1, failures: failures(1), unlisted: [{position: 1}]}), all)
    assert.match(
      both.summary,
      /1 of 10 organizations failed, 8 synced\. 1 more can't be read from the list\..*\nRepeat/,
    )
    assert.equal(both.errors.length, 2)
  })
})
