import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import * as z from 'zod'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import type {DeadLetterFilter} from '../../../deploy/dead-letters/dead-letter-filter.ts'
import {loadDeadLetters} from '../../../deploy/dead-letters/load-dead-letters.ts'
import {createDeadLetterQueue, type DeadLetterQueue} from '../../../deploy/environment/dead-letter-queue.ts'
import {localProjectId} from '../../../deploy/local/sandbox.ts'
import {writeSandboxFile} from '../../../deploy/local/sandbox-file.ts'
import type {Job} from '../../../lib/job/job.ts'
import {createEntry} from '../../support/ledger-entry.ts'
import {createNotedDeadLetter} from '../../support/received-message.ts'
import {findLine} from '../../support/spawn-command.ts'
import {startTestSandbox, type TestSandbox, until} from '../../support/test-sandbox.ts'
import {typeCommand} from '../../support/type-command.ts'

const dyingReplay = fileURLToPath(new URL('../../support/replay-then-die.ts', import.meta.url))

describe('the operator’s commands in the sandbox', function () {
  this.timeout(240_000)
  const functionEnv: Record<string, string> = {}
  let jobs: readonly Job[]
  let deadLetterQueue: DeadLetterQueue
  let sandbox: TestSandbox
  let sandboxFolder: string

  before(async () => {
    sandboxFolder = await mkdtemp(join(tmpdir(), 'operator-'))
    sandbox = await startTestSandbox({
      functionEnv,
      warm: 'cloudact-manual-bootstrap',
      // Of two subscriptions 20 deliveries each are waited for.
      retryPolicy: {minimumBackoffSeconds: 0.02, maximumBackoffSeconds: 0.1},
    })
    await writeSandboxFile(sandboxFolder, sandbox.addresses)
    jobs = await loadCatalogue()
    const host = sandbox.addresses.pubSubHost
    deadLetterQueue = createDeadLetterQueue({
      projectId: localProjectId,
      host,
      pauseMilliseconds: 20,
      random: Math.random,
    })
    assert.equal((await sandbox.run('bootstrap', 'first')).event, 'succeeded')
  })
  after(async () => {
    await sandbox.stop()
    await rm(sandboxFolder, {recursive: true})
  })

  const type = (line: string) => typeCommand(line, {sandboxFolder})
  const list = async (filter: DeadLetterFilter = {}) => {
    const {queue, ledger} = {queue: deadLetterQueue, ledger: sandbox.ledger}
    const {deadLetters} = await loadDeadLetters(
      {queue, ledger, jobs, now: () => new Date()},
      filter,
      new AbortController().signal,
    )
    return deadLetters
  }
  const done = (operation: string) =>
    sandbox.adminApi.requestLog.done.filter(entry => entry.operation === operation).length
  /** Publishes what can't be carried out. @returns its dead letter's id */
  const refuse = async (id: string) => {
    const response = {status: 400, body: {detail: 'no \u001b[31mway'}}
    sandbox.adminApi.faults.inject({path: /bootstrap\/status$/, kind: 'status', response})
    const end = await sandbox.run('bootstrap', id)
    assert.equal(end.error?.kind, 'permanent')
    return end.error?.deadLetterId ?? ''
  }

  it('shows what Pub/Sub moved by itself, with the reason, and replays it', async () => {
    // A function that can't start never says so itself. This one ends before it has loaded anything.
    functionEnv['NODE_OPTIONS'] = '--no-such-option'
    await (await sandbox.functions.processOf('cloudact-manual-bootstrap'))?.end('SIGTERM')
    await sandbox.publish('manual-jobs', '{}', {job: 'bootstrap', runId: 'bootstrap@moved', requestedBy: 'alice'})
    const [deadLetter] = await until(
      'Pub/Sub has moved it',
      async () => {
        const found = await list({run: 'bootstrap@moved'})
        return found.length > 0 ? found : undefined
      },
      150_000,
    )
    assert.partialDeepStrictEqual(deadLetter, {
      kind: 'exhausted',
      deadLetteredBy: 'Pub/Sub',
      sourceTopic: 'manual-jobs',
      attempts: 0,
    })
    assert.match(deadLetter?.reason ?? '', /gave up after 20 deliveries: no attempt is in the run ledger/)
    // The function that routes could not start either: its copy of the message is worth nothing.
    const [copy] = await until('Pub/Sub has moved the copy', async () => {
      const found = await list({job: 'unrouted'})
      return found.length > 0 ? found : undefined
    })
    assert.match(copy?.reason ?? '', /of a copy: the subscription cloudact-manual-bootstrap has this message too$/)
    delete functionEnv['NODE_OPTIONS']
    const cleared = await type(`npm run replay -- local ${copy?.id}`)
    assert.equal(cleared.code, 0, cleared.stderr)
    assert.match(cleared.stdout, /cleared, nothing runs: /)
    const show = await type(`npm run dead-letters -- local show ${deadLetter?.id}`)
    const green = await type(findLine(show.stdout, 'replay'))
    assert.equal(green.code, 0, green.stderr)
    assert.match(green.stdout, /✔ succeeded .*already in sync/)
  })

  it('filters and sums up, shows no terminal’s escapes, and consumes nothing', async () => {
    const id = await refuse('filtered')
    await sandbox.publish('manual-jobs', 'no JSON', {job: 'bootstrap', runId: 'bootstrap@garbage'})
    await sandbox.over('bootstrap@garbage')
    assert.deepEqual(
      (await list({kind: 'permanent'})).map(deadLetter => deadLetter.id),
      [id],
    )
    assert.deepEqual(await list({job: 'daily-quota-reset'}), [])
    const json = await type('npm run dead-letters -- local --json --job bootstrap-sync --kind permanent --since 1h')
    assert.partialDeepStrictEqual(JSON.parse(json.stdout), {
      isComplete: true,
      deadLetters: [{id, replays: 0, runId: 'bootstrap@filtered'}],
    })
    const {stdout} = await type('npm run dead-letters -- local')
    assert.match(stdout, /^2 dead letters in local .*\n\n[\s\S]* permanent +.*no way/)
    assert.ok(!stdout.includes('\u001b'))
    assert.equal((await list()).length, 2)
  })

  it('replays what is unreadable and says what will come of it', async () => {
    const [deadLetter] = await list({run: 'bootstrap@garbage'})
    const replay = await type('npm run replay -- local --kind unreadable --all')
    assert.equal(replay.code, 1)
    assert.match(replay.stdout, /warning: it will fail again, today's bootstrap refuses it: the data /)
    assert.match(replay.stdout, /✖ failed .*not JSON/)
    const [next] = await list({run: 'bootstrap@garbage'})
    assert.notEqual(next?.id, deadLetter?.id)
    assert.partialDeepStrictEqual(next, {kind: 'unreadable', replays: 1})
  })

  it('does nothing in a dry run, and everything that the filters match without', async () => {
    const dry = await type('npm run replay -- local --run bootstrap@filtered --all --dry-run')
    assert.equal(dry.code, 0)
    assert.match(dry.stdout, /would be published to manual-jobs\nDry run: nothing was published/)
    assert.equal((await list({run: 'bootstrap@filtered'})).length, 1)
    await refuse('filtered-2')
    const replay = await type('npm run replay -- local --job bootstrap --kind permanent --all --json --wait')
    assert.equal(replay.code, 0, replay.stderr)
    const outcomes = z
      .object({replays: z.array(z.object({runId: z.string(), outcome: z.string()}))})
      .parse(JSON.parse(replay.stdout))
    assert.deepEqual(outcomes.replays, [
      {runId: 'bootstrap@filtered', outcome: 'succeeded'},
      {runId: 'bootstrap@filtered-2', outcome: 'succeeded'},
    ])
    assert.deepEqual(await list({kind: 'permanent'}), [])
  })

  it('clears the letter of a run that has finished, and runs nothing', async () => {
    const runId = 'bootstrap@first'
    const {data, attributes} = createNotedDeadLetter({attributes: {job: 'bootstrap', runId}, note: {runId}})
    const id = await sandbox.publish('dead-letters', data, {...attributes})
    const replay = await type(`npm run replay -- local ${id}`)
    assert.equal(replay.code, 0)
    assert.match(replay.stdout, /cleared, nothing runs: the run has succeeded since/)
    assert.deepEqual(await list({run: runId}), [])
    const history = await sandbox.ledger.history(runId)
    assert.equal(history.filter(({event}) => event === 'started').length, 1)
    assert.match(history.at(-1)?.summary ?? '', new RegExp(`dead letter ${id} cleared by`))
  })

  it('repeats what may not be repeated only by force, once it has said what to check', async () => {
    const sent = done('process-alerts')
    sandbox.adminApi.faults.inject({method: 'POST', path: /alerts/, kind: 'reset-after'})
    const end = await sandbox.run('daily-alerts', 'unclear')
    assert.equal(end.error?.kind, 'unknown outcome')
    const id = end.error?.deadLetterId ?? ''
    const refused = await type(`npm run replay -- local ${id}`)
    assert.equal(refused.code, 1)
    assert.match(refused.stdout, /stays: .*isn't idempotent\. Check what was sent: npm run sandbox -- notifications/)
    assert.equal(done('process-alerts'), sent + 1)
    assert.equal((await list({kind: 'unknown outcome'})).length, 1)
    const forced = await type(findLine(refused.stdout, 'replay'))
    assert.equal(forced.code, 0, forced.stderr)
    assert.match(forced.stderr, /forced: Check what was sent: npm run sandbox -- notifications/)
    assert.equal(done('process-alerts'), sent + 2)
  })

  it('loses nothing when a replay is killed between publishing and acknowledging', async () => {
    const id = await refuse('killed')
    const {pubSubHost, bigQueryUrl} = sandbox.addresses
    const words = [dyingReplay, localProjectId, pubSubHost, bigQueryUrl, id]
    const child = spawn(process.execPath, words, {stdio: ['ignore', 'ignore', 'inherit']})
    assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL'])
    const run = await until('the replay has succeeded', async () => {
      const history = await sandbox.ledger.history('bootstrap@killed')
      return history.find(({event}) => event === 'succeeded')
    })
    assert.equal(run.attempt, 2)
    const again = await type(`npm run replay -- local ${id}`)
    assert.equal(again.code, 0, again.stderr)
    assert.match(again.stdout, /cleared, nothing runs: the run has succeeded since/)
    const history = await sandbox.ledger.history('bootstrap@killed')
    assert.equal(history.filter(({event}) => event === 'started').length, 2)
  })

  it('lists what another command holds, never as none, and its reading hides nothing', async () => {
    const id = await refuse('held')
    const other = createDeadLetterQueue({
      projectId: localProjectId,
      host: sandbox.addresses.pubSubHost,
      pauseMilliseconds: 20,
      random: Math.random,
    })
    const signal = new AbortController().signal
    await other.hold([id], signal, async () => {
      const {stdout} = await type('npm run dead-letters -- local --run bootstrap@held')
      assert.match(stdout, /At least 1 dead letter in local/)
      assert.match(stdout, new RegExp(`${id} .*permanent, not handed out`))
      const json = await type('npm run dead-letters -- local --run bootstrap@held --json')
      assert.partialDeepStrictEqual(JSON.parse(json.stdout), {
        isComplete: false,
        deadLetters: [{id, isAvailable: false}],
      })
      const shown = await type(`npm run dead-letters -- local show ${id}`)
      assert.match(shown.stdout, /not handed out by Pub\/Sub: another command holds it/)
      const status = await type('npm run list -- local')
      assert.match(status.stdout, /dead letters may be hidden\. At least \d+: another command holds/)
    })
    const many = await Promise.all(Array.from({length: 3}, () => list({run: 'bootstrap@held'})))
    assert.ok(many.every(found => found.length === 1))
    const preview = await type('npm run dead-letters -- local discard --all --run bootstrap@held --reason x --dry-run')
    assert.match(preview.stdout, new RegExp(`^${id} .*would be discarded .*\nDry run: nothing was discarded`))
    const discard = await type('npm run dead-letters -- local discard --all --run bootstrap@held --reason x --json')
    assert.deepEqual(JSON.parse(discard.stdout), {environment: 'local', discarded: [id], missing: []})
    assert.deepEqual(await list({run: 'bootstrap@held'}), [])
  })

  it('says of each of several replays whose end it is', async () => {
    const ids = [await refuse('several-a'), await refuse('several-b')]
    const {code, stdout} = await type(`npm run replay -- local ${ids.join(' ')} --wait`)
    assert.equal(code, 0, stdout)
    for (const [index, id] of ids.entries()) {
      assert.match(stdout, new RegExp(`^${id} {2}bootstrap@several-${index === 0 ? 'a' : 'b'}\n✔ succeeded`, 'm'))
    }
  })

  it('discards on record, and no later delivery runs by itself', async () => {
    const id = await refuse('discarded')
    const discard = await type(`npm run dead-letters -- local discard ${id} 404 --reason "of no use"`)
    assert.equal(discard.code, 3)
    assert.match(discard.stdout, new RegExp(`${id} .*bootstrap@discarded .*on record`))
    assert.match(discard.stderr, /no dead letter 404/)
    assert.deepEqual(await list({run: 'bootstrap@discarded'}), [])
    await sandbox.publish('manual-jobs', '{}', {job: 'bootstrap', runId: 'bootstrap@discarded', trigger: 'manual'})
    const history = await until('the late message is a duplicate', async () => {
      const entries = await sandbox.ledger.history('bootstrap@discarded')
      return entries.at(-1)?.event === 'duplicate' ? entries : undefined
    })
    assert.equal(history.filter(({event}) => event === 'started').length, 1)
    const {stdout} = await type('npm run runs -- local --job bootstrap')
    assert.match(stdout, /bootstrap@discarded +discarded .*discarded by \S+: of no use/)
    assert.doesNotMatch((await type('npm run runs -- local --failed')).stdout, /bootstrap@discarded|succeeded|skipped/)
  })

  it('tells what was missed since the ledger began, and exits with it', async () => {
    assert.equal((await type('npm run runs -- local --check')).code, 0)
    const at = new Date(Date.now() - 50 * 3_600_000).toISOString()
    await sandbox.ledger.record(createEntry({runId: 'bootstrap@long-ago', at, event: 'succeeded'}))
    const check = await type('npm run runs -- local --check --job alerts')
    assert.equal(check.code, 1)
    assert.match(check.stdout, /daily-alerts@\d{4}-\d\d-\d\dT08:00Z +missed/)
    assert.match(check.stdout, /[23] scheduled runs were missed/)
    const json = await type('npm run runs -- local --json --job alerts --failed')
    assert.equal(json.code, 0)
    const {missed} = z.object({missed: z.number()}).parse(JSON.parse(json.stdout))
    assert.ok(missed === 2 || missed === 3)
  })

  it('says so when the ledger has nothing of a run', async () => {
    const {code, stderr} = await type('npm run runs -- local bootstrap@nowhere')
    assert.equal(code, 1)
    assert.match(stderr, /has nothing of bootstrap@nowhere/)
  })

  it('ends when it is interrupted, and leaves every letter where it is', async () => {
    const before = await list()
    assert.ok(before.length > 0)
    for (const words of ['dead-letters -- local', 'replay -- local --all']) {
      const {code, stderr} = await typeCommand(`npm run ${words}`, {sandboxFolder, signal: AbortSignal.abort()})
      assert.equal(code, 130)
      assert.match(stderr, /Interrupted. No dead letter is lost/)
    }
    assert.deepEqual(await list(), before)
  })

  it('asks before it discards in prod, and takes no answer for no', async () => {
    const line = 'npm run dead-letters -- prod discard 1 --reason x'
    // Nobody is asked whether they are any good before there is something to do.
    const credentials = join(sandboxFolder, 'credentials.json')
    const user = {type: 'authorized_user', client_id: 'a', client_secret: 'b', refresh_token: 'c'}
    await writeFile(credentials, JSON.stringify(user))
    process.env['GOOGLE_APPLICATION_CREDENTIALS'] = credentials
    await assert.rejects(type(line), /Discard 1 in prod \(cloudact-prod\)\? There is no terminal/)
    const no = await typeCommand(line, {sandboxFolder, input: 'no\n'})
    assert.deepEqual([no.code, no.stderr], [2, 'Nothing was discarded.\n'])
    delete process.env['GOOGLE_APPLICATION_CREDENTIALS']
  })
})
