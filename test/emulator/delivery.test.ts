import assert from 'node:assert/strict'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {SandboxOptions} from '../../deploy/local/sandbox.ts'
import {writeSandboxFile} from '../../deploy/local/sandbox-file.ts'
import {startPubSubEmulator} from '../support/pubsub-emulator.ts'
import {findLine} from '../support/spawn-command.ts'
import {startTestSandbox, type TestSandbox, until} from '../support/test-sandbox.ts'
import {typeCommand} from '../support/type-command.ts'

/** Google's emulator ignores filters: there the subscription for what no job's filter matches gets every message. */
const servers: Readonly<Record<string, Partial<SandboxOptions>>> = {
  'the embedded Pub/Sub': {},
  "Google's emulator": {
    // The emulator is checked for and started once more: there is one to be had, or the tier would not run.
    startPubSub: async () => {
      const emulator = await startPubSubEmulator(line => process.stdout.write(`    ${line}\n`))
      if (emulator === undefined) throw new Error("Google's emulator is not installed")
      return emulator
    },
    // As deployed: the emulator takes no shorter backoff.
    retryPolicy: {minimumBackoffSeconds: 10, maximumBackoffSeconds: 600},
  },
}

/* The same tests of delivery, dead letters and replay on both servers; `npm run test:emulator` runs the second half. */
for (const [name, options] of Object.entries(servers)) {
  describe(`delivery, dead letters and replay on ${name}`, function () {
    this.timeout(120_000)
    let sandbox: TestSandbox
    let sandboxFolder: string

    before(async function () {
      if (options.startPubSub !== undefined && process.env['TEST_EMULATOR'] !== '1') {
        process.stdout.write('    runs with npm run test:emulator\n')
        return this.skip()
      }
      sandboxFolder = await mkdtemp(join(tmpdir(), 'both-'))
      // An attempt that is refused does not go on trying for a minute.
      sandbox = await startTestSandbox({functionEnv: {JOB_TIMEOUT_SECONDS: '4'}, ...options})
      await writeSandboxFile(sandboxFolder, sandbox.addresses)
    })
    after(async () => {
      await sandbox?.stop()
      if (sandboxFolder !== undefined) await rm(sandboxFolder, {recursive: true})
    })

    const type = (line: string) => typeCommand(line, {sandboxFolder})
    const starts = async (runId: string) =>
      (await sandbox.ledger.history(runId)).filter(({event}) => event === 'started').length
    async function refuse(id: string): Promise<string> {
      const response = {status: 400, body: {detail: 'no'}}
      sandbox.adminApi.faults.inject({path: /bootstrap\/status$/, kind: 'status', response})
      const end = await sandbox.run('bootstrap', id)
      assert.equal(end.error?.kind, 'permanent')
      return end.error?.deadLetterId ?? ''
    }

    it('runs a job once, and not at all when its message is published again', async () => {
      const first = await sandbox.run('bootstrap', 'once')
      assert.match(first.summary ?? '', /^fresh bootstrap/)
      await sandbox.publish('manual-jobs', '{}', {job: 'bootstrap', runId: 'bootstrap@once'})
      const second = await sandbox.run('bootstrap', 'after')
      assert.match(second.summary ?? '', /^already in sync/)
      assert.equal(await starts('bootstrap@once'), 1)
    })

    it('delivers again what failed in a way that may pass', async () => {
      const response = {status: 500, body: {detail: 'broken'}}
      sandbox.adminApi.faults.inject({path: /cleanup-stale$/, times: 7, kind: 'status', response})
      const end = await sandbox.run('daily-stale-cleanup', 'again')
      assert.equal(end.event, 'succeeded')
    })

    it('sets aside what no run can come of, and shows it', async () => {
      await sandbox.publish('manual-jobs', 'no JSON', {job: 'bootstrap', runId: 'bootstrap@garbage'})
      const end = await sandbox.over('bootstrap@garbage')
      assert.equal(end.error?.kind, 'unreadable')
      const id = end.error?.deadLetterId ?? ''
      const {stdout} = await type(`npm run dead-letters -- local show ${id}`)
      assert.match(stdout, /bootstrap@garbage/)
      assert.match(stdout, /no JSON/)
    })

    it('replays a dead letter to a green end, by the command that is printed', async () => {
      const id = await refuse('replayed')
      const listed = await type('npm run dead-letters -- local --run bootstrap@replayed')
      assert.match(listed.stdout, new RegExp(`${id} .*bootstrap@replayed`))
      const shown = await type(`npm run dead-letters -- local show ${id}`)
      const replay = await type(findLine(shown.stdout, 'replay'))
      assert.equal(replay.code, 0, replay.stdout + replay.stderr)
      assert.match(replay.stdout, /✔ succeeded/)
      assert.equal(await starts('bootstrap@replayed'), 2)
      assert.match(
        (await type('npm run dead-letters -- local --run bootstrap@replayed')).stdout,
        /^No such dead letters/,
      )
    })

    it('clears the letter of a run that has succeeded since, and runs nothing', async () => {
      const id = await refuse('since')
      await type(`npm run replay -- local ${id} --dry-run`)
      const [first] = await sandbox.ledger.history('bootstrap@since')
      assert.ok(first !== undefined)
      await sandbox.ledger.record({...first, event: 'succeeded', at: new Date(), summary: 'done elsewhere'})
      const {stdout} = await type(`npm run replay -- local ${id}`)
      assert.match(stdout, /cleared, nothing runs/)
      assert.equal(await starts('bootstrap@since'), 1)
    })

    it('gives up a letter on record', async () => {
      const id = await refuse('given-up')
      assert.equal((await type(`npm run dead-letters -- local discard ${id} --reason "of no use"`)).code, 0)
      await until('it is on record', async () => {
        const history = await sandbox.ledger.history('bootstrap@given-up')
        return history.find(({error}) => error?.message.includes('of no use'))
      })
      assert.match(
        (await type('npm run dead-letters -- local --run bootstrap@given-up')).stdout,
        /^No such dead letters/,
      )
    })
  })
}
