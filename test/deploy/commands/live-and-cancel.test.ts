import assert from 'node:assert/strict'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {bothWays, requireWay} from '../../support/both-ways.ts'
import {startTestSandbox, type TestSandbox, until} from '../../support/test-sandbox.ts'

const start = `'${process.execPath}' deploy/start.mjs`
const ended = /code (\d+)/
const [pipe, terminal] = bothWays
const hurriedWaits = new URL('../../support/hurried-waits.mjs', import.meta.url).href

/** The real commands against one sandbox: its API is slow at first, and refuses connections later. */
describe('a run that is cancelled, and runs whose API refuses connections', function () {
  this.timeout(120_000)
  let folder: string
  let sandbox: TestSandbox

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'live-and-cancel-'))
    sandbox = await startTestSandbox({
      folder,
      warm: 'cloudact-manual-bootstrap',
      organizations: 200,
      retryPolicy: {minimumBackoffSeconds: 1, maximumBackoffSeconds: 20},
      functionEnv: {NODE_OPTIONS: `--import=${hurriedWaits}`, LEASE_SECONDS: '6'},
    })
    await sandbox.run('bootstrap', 'done')
  })
  after(async () => {
    await sandbox.stop()
    await rm(folder, {recursive: true})
  })

  const env = () => ({HOME: folder, SANDBOX_FOLDER: folder})
  const syncs = () => sandbox.adminApi.exchanges().filter(({path}) => path.endsWith('/sync'))

  it('cancels a run in flight, from a terminal and once more in a pipe: it ends cancelled', async function () {
    if (terminal === undefined || pipe === undefined) throw new Error('there are two ways')
    requireWay(terminal, this)
    sandbox.faults.add({
      text: 'org-sync-all:slow=1sx*',
      target: {functionName: 'cloudact-manual-org-sync-all'},
      effect: {kind: 'slow', milliseconds: 1000},
      times: Number.POSITIVE_INFINITY,
      orgSlug: undefined,
    })
    const publish = pipe.open(`${start} publish org-sync-all local; echo "code $?"`, env())
    const [, runId = ''] = await publish.until(/run +(org-sync-all@[0-9A-Z]{26})/)
    const follow = terminal.open(`${start} runs local ${runId} --follow; echo "code $?"`, env())
    await until('an organization is being synced', async () => (syncs().length > 0 ? true : undefined))
    const cancel = terminal.open(`${start} cancel local ${runId}; echo "code $?"`, env())
    const [, code] = await cancel.until(ended)
    assert.equal(code, '0', cancel.printed())
    assert.match(
      cancel.printed().replaceAll(/\s+/g, ' '),
      /is cancelled\. What is in flight ends within a minute; nothing new is started\. Follow it: npm run runs -- local/,
    )
    const twice = pipe.open(`${start} cancel local ${runId}; echo "code $?"`, env())
    for (const running of [publish, follow]) {
      const [, exitCode] = await running.until(ended)
      assert.equal(exitCode, '1', running.printed())
      assert.match(running.printed(), /cancelled( in [\d.]+ \w+)?: \d+ of 2\d\d organizations\s+done, 0 failed/)
    }
    const {event, counts} = await sandbox.over(runId)
    assert.equal(event, 'cancelled')
    // Each that was begun has ended, and most were never begun.
    assert.equal(syncs().length, counts?.['done'])
    assert.ok(syncs().length < 200, String(syncs().length))
    await twice.until(ended)
    assert.match(twice.printed(), /is (cancelled|over) already[:,] .*(since|cancelled,) [\d-]+ [\d:]+ UTC/)
    const asked = (await sandbox.ledger.history(runId)).filter(
      ({event, attempt}) => event === 'cancelled' && attempt === 0,
    )
    assert.equal(asked.length, 1)
    const again = pipe.open(`${start} cancel local ${runId}; echo "code $?"`, env())
    await again.until(ended)
    assert.match(again.printed(), /^org-sync-all@\S+ is over already: cancelled, [\d-]+ [\d:]+ UTC\.\ncode 0\n$/)
    const json = pipe.open(`${start} cancel local ${runId} --json`, env())
    await json.ended
    assert.partialDeepStrictEqual(JSON.parse(json.printed()), {runId, kind: 'over', event: 'cancelled'})
    sandbox.faults.clear()
  })

  it('says in a pipe and on a terminal what the attempt that runs repeats, and why', async function () {
    if (terminal === undefined || pipe === undefined) throw new Error('there are two ways')
    requireWay(terminal, this)
    const giveBack = sandbox.adminApi.faults.inject({
      path: /stale/,
      kind: 'status',
      // Ten seconds, hurried.
      response: {status: 503, headers: {'retry-after': '200'}, body: {detail: 'the database restarts'}},
      times: 9,
    })
    const publish = pipe.open(`trap : INT; ${start} publish stale-cleanup local; echo "code $?"`, env())
    const [, runId = ''] = await publish.until(/run +(daily-stale-cleanup@[0-9A-Z]{26})/)
    const follow = terminal.open(`${start} runs local ${runId} --follow; echo "code $?"`, env())
    const words =
      /running, attempt 1, clean-up of stale counters: try \d of 7 failed: [\s\S]* \(HTTP 503: the database restarts\)/
    const wanted = new RegExp(words.source.replaceAll(' ', '\\s+'))
    try {
      await Promise.all([publish.until(wanted), follow.until(wanted)])
    } finally {
      giveBack()
      publish.interrupt()
      follow.interrupt()
    }
    await Promise.all([publish.ended, follow.ended])
  })

  describe('while nothing listens at the API', () => {
    let address: string
    before(async () => {
      address = new URL(sandbox.adminApi.url).host
      await sandbox.adminApi.stop()
    })

    for (const {way, isTerminal, open} of bothWays) {
      it(`says ${way} which attempt failed, why, and when the next comes`, async function () {
        requireWay({isTerminal}, this)
        const running = open(`trap : INT; ${start} publish bootstrap local; echo "code $?"`, env())
        // On a slow machine the next attempt is due when the line is drawn.
        const next = /next (in \d+ s|attempt due), \d+ s/.source
        try {
          await running.until(new RegExp(`attempt 2 of 5 failed[\\s\\S]*${next.replaceAll(' ', '\\s+')}`))
          const printed = running.printed().replaceAll(/\s+/g, ' ')
          const first = `attempt 1 of 5 failed: connection refused at ${address}, ${next}`
          assert.match(printed, new RegExp(first))
          // A line per state where nothing can be rewritten.
          if (!isTerminal) {
            const states = [
              'running, attempt 1',
              'attempt 1 of 5 failed',
              'running, attempt 2',
              'attempt 2 of 5 failed',
            ]
            // Once more with what the attempt repeats.
            for (const state of states) {
              const most = state.startsWith('running') ? 2 : 1
              assert.ok(printed.split(state).length - 1 <= most, running.printed())
            }
          }
        } finally {
          running.interrupt()
        }
        const [, code] = await running.until(ended)
        assert.equal(code, '130', running.printed())
        assert.match(running.printed(), /Interrupted\.\s+The run goes on\.\s+Follow it: npm run runs -- local/)
      })
    }
  })
})
