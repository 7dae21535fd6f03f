import assert from 'node:assert/strict'
import * as z from 'zod'
import {type AdminApiEmulator, startAdminApi} from '../../deploy/local/admin-api/server.ts'
import {describeProgress} from '../../deploy/runs/describe-progress.ts'
import {retrySpacingOf} from '../../deploy/runs/retry-delay.ts'
import {runProgressOf} from '../../deploy/runs/run-progress.ts'
import orgSyncAll from '../../functions/manual/org-sync-all.ts'
import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import {toJob} from '../../lib/job/job.ts'
import {syncTallySchema} from '../../lib/organization-sync/tally.ts'
import {deliverRun} from '../support/part-delivery.ts'

const rootKey = 'root-key-of-the-tests-0123456789abcdef'
const job = toJob('functions/manual/org-sync-all.ts', orgSyncAll)
const organizations = 5000
const handedOver = z.object({continuation: syncTallySchema})

describe('org-sync-all, delivered over the wire', () => {
  let emulator: AdminApiEmulator
  beforeEach(async () => {
    emulator = await startAdminApi({rootKey, organizations, secondsPerOrganization: 0.1})
    // Each of them works on one request at a time: 10 s in all at least, so that no machine does it in two parts of 4 s.
    emulator.instances.set(50)
  })
  afterEach(() => emulator.stop())

  const synced = () => emulator.requestLog.done.filter(({operation}) => operation === 'sync-organization')

  it('syncs 5,000 organizations in many messages, each once but for a killed part, and adds up', async () => {
    const apiUrl = emulator.url
    await fetch(`${apiUrl}/api/v1/admin/bootstrap/sync`, {
      method: 'POST',
      headers: {'x-ca-root-key': rootKey, 'content-type': 'application/json'},
      body: JSON.stringify({sync_missing_tables: true, sync_missing_columns: true}),
    })
    const broken = ['org_004990', 'org_002500', 'org_000001']
    for (const slug of broken) emulator.organizations.break(slug, 'access denied')
    for (const slug of ['org_004000', 'org_000100']) emulator.organizations.break(slug, 'not now', 1)

    // The second part does its work, and dies before it hands over.
    let kills = 1
    let from = 0
    const repeated = new Set<string | undefined>()
    const {entries, deadLetters} = await deliverRun({
      job,
      rootKey,
      apiUrl,
      args: {concurrency: 50},
      jobTimeoutSeconds: 4,
      onHandOver(part, args) {
        // Cut off by the signal, where this machine was too slow to let them come to their end.
        for (const {orgSlug} of handedOver.parse(args).continuation.interrupted) repeated.add(orgSlug)
        if (part === 2 && kills-- > 0) throw new UnavailableError('killed', {mayHaveExecuted: false})
      },
      onDelivered(_, isAcknowledged) {
        if (!isAcknowledged) for (const {orgSlug} of synced().slice(from)) repeated.add(orgSlug)
        from = synced().length
        // Created once the list has been begun: it comes before what was read. A slow machine's first part may not get so far.
        if (from > 0) emulator.organizations.add({org_slug: `new_${from}`, created_at: '2030-01-01T00:00:00Z'})
      },
    })

    const end = entries.at(-1)
    assert.partialDeepStrictEqual(end, {
      event: 'degraded',
      counts: {total: organizations, synced: organizations - 3, failed: 3, skipped: 0},
    })
    const named = end?.error?.details.map(line => line.split(':')[0] ?? '') ?? []
    assert.deepEqual(named.toSorted(), broken.toSorted())
    const command = ['npm run publish -- org-sync-all local', ...named.map(slug => `--arg org=${slug}`)].join(' ')
    assert.ok(end?.summary?.endsWith(`Repeat just these: ${command}`), end?.summary)
    assert.deepEqual(deadLetters, [])

    const times = new Map<string, number>()
    for (const {orgSlug = ''} of synced()) times.set(orgSlug, (times.get(orgSlug) ?? 0) + 1)
    assert.equal(times.size, organizations)
    const failedOnce = [...broken, 'org_004000', 'org_000100']
    for (const [slug, count] of times) {
      if (!repeated.has(slug)) assert.equal(count, failedOnce.includes(slug) ? 2 : 1, slug)
    }
    const parts = entries.filter(({event}) => event === 'continued').length + 1
    assert.ok(parts > 2, `${parts} parts`)
    assert.ok(repeated.size > 0 && repeated.size < organizations / 2, `${repeated.size} repeated`)

    const done = entries.filter(({event}) => event === 'continued').map(({counts}) => counts?.['done'] ?? 0)
    assert.deepEqual(
      done,
      done.toSorted((a, b) => a - b),
    )
    const upToSecond = entries.slice(0, entries.findIndex(({event}) => event === 'continued') + 1)
    assert.match(
      describeProgress(runProgressOf(upToSecond), {
        seconds: 2,
        now: new Date(),
        maxAttempts: 5,
        spacing: retrySpacingOf('local'),
      }),
      /^continuing with part 2 [█░]+ \d+ of 5000, .*\/s, about \d+ s left/,
    )
  }).timeout(240_000)
})
