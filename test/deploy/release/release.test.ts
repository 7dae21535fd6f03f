import assert from 'node:assert/strict'
import {mkdtemp, rm} from 'node:fs/promises'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import * as z from 'zod'
import {writeSandboxFile} from '../../../deploy/local/sandbox-file.ts'
import {findLine} from '../../support/spawn-command.ts'
import {startTestSandbox, type TestSandbox} from '../../support/test-sandbox.ts'
import {typeCommand} from '../../support/type-command.ts'

const releaseSchema = z.object({
  steps: z.array(
    z.object({
      step: z.string(),
      state: z.string(),
      run: z
        .object({job: z.string(), outcome: z.string().nullable(), args: z.record(z.string(), z.unknown())})
        .nullable(),
    }),
  ),
})

describe('npm run release in the sandbox', function () {
  this.timeout(120_000)
  let sandbox: TestSandbox
  let sandboxFolder: string

  before(async () => {
    sandboxFolder = await mkdtemp(join(tmpdir(), 'release-'))
    sandbox = await startTestSandbox()
    await writeSandboxFile(sandboxFolder, sandbox.addresses)
  })
  after(async () => {
    await sandbox.stop()
    await rm(sandboxFolder, {recursive: true})
  })

  const type = (line: string, signal?: AbortSignal, env: Record<string, string> = {}) =>
    typeCommand(line, {sandboxFolder, env, ...(signal === undefined ? {} : {signal})})
  const json = async (line: string) => {
    const {stdout, code} = await type(`${line} --json`)
    const {steps} = releaseSchema.parse(JSON.parse(stdout))
    return {code, steps: steps.map(({step, state, run}) => `${step}: ${run?.outcome ?? state}`)}
  }
  const refuse = () => {
    const response = {status: 400, body: {detail: 'a | b\nc'}}
    sandbox.adminApi.faults.inject({path: /bootstrap\/status$/, kind: 'status', response})
  }

  it('says what would be done, and changes nothing, when it is only tried', async () => {
    const {code, stdout} = await type('npm run release -- local --dry-run')
    assert.equal(code, 0)
    assert.match(stdout, /^## Dry run of a release to local \(cloudact-local\), /m)
    assert.match(
      stdout,
      /^\| migrate \| ✔ succeeded \| .* \| dry run: 5 of 5 files would be applied; 5 files of .*\(hash \w+\); would apply 01_.*; would apply 02_/m,
    )
    assert.match(
      stdout,
      /^\| bootstrap \| not run \| {2}\| would publish bootstrap to manual-jobs, and wait for its outcome \|/m,
    )
    assert.deepEqual(
      sandbox.adminApi.requestLog.done.filter(({operation}) => operation.startsWith('bootstrap')),
      [],
    )
  })

  it("warns once where the workspace's files are missing, before its first step, and goes on", async () => {
    const elsewhere = await type('npm run release -- stage --dry-run', undefined, {HOME: join(sandboxFolder, 'none')})
    // What follows depends on this machine's login.
    assert.deepEqual(elsewhere.stderr.trim().split('\n').slice(0, 2), [
      'warning: ~/.openclaw/workspace/IDENTITY.md is missing; the job runs without it',
      'warning: ~/.openclaw/workspace/CONTEXT.md is missing; the job runs without it',
    ])
    const here = await type('npm run release -- local --dry-run', undefined, {HOME: join(sandboxFolder, 'none')})
    assert.doesNotMatch(here.stderr, /openclaw/)
  })

  it('stops at the step that fails, and its last lines lead to a green end', async () => {
    refuse()
    const red = await type('npm run release -- local --continue')
    assert.equal(red.code, 1)
    assert.match(red.stdout, /^\| migrate \| ✔ succeeded \|/m)
    // What the API said stays in its cell.
    assert.match(red.stdout, /^\| bootstrap \| ✖ failed \| .*a \\\| b/m)
    assert.match(red.stdout, /^\| org-sync-all \| not begun \| {2}\| {2}\| {2}\|$/m)
    const line = findLine(red.stdout.slice(red.stdout.indexOf('## Release')), 'release')
    assert.equal(line, 'npm run release -- local --from bootstrap')
    const green = await type(line)
    assert.equal(green.code, 0, green.stdout)
    assert.match(green.stdout, /^\| migrate \| left out \|/m)
    assert.match(green.stdout, /^\| bootstrap \| ✔ succeeded \| .*tables created 30, .* \| bootstrap@\w{26} \|$/m)
    assert.match(green.stdout, /^\| org-sync-all \| ✔ succeeded \|/m)
    assert.doesNotMatch(green.stdout, /resume with/)
  })

  it('leads by a replay of what failed to the next step as well', async () => {
    refuse()
    const red = await type('npm run release -- local --from bootstrap')
    const summary = red.stdout.slice(red.stdout.indexOf('## Release'))
    assert.equal((await type(findLine(summary, 'replay'))).code, 0)
    const next = summary.slice(summary.indexOf('… and then'))
    assert.equal(findLine(next, 'release'), 'npm run release -- local --from org-sync-all')
  })

  it('stops at a step that is done only in part, with the exit code of that', async () => {
    const response = {status: 422, body: {detail: 'broken'}}
    sandbox.adminApi.faults.inject({path: /wayne_tech\/sync$/, kind: 'status', response, times: 1000})
    assert.deepEqual(await json('npm run release -- local --from org-sync-all'), {
      code: 3,
      steps: ['migrate: left out', 'deploy: left out', 'bootstrap: left out', 'org-sync-all: degraded'],
    })
    sandbox.adminApi.faults.clear()
  })

  it('refuses before the first step where nobody could say that the deployment is done', async () => {
    await assert.rejects(type('npm run release -- local'), {
      name: 'UsageError',
      message:
        'there is no terminal to wait on while the frontend and the API are deployed: add --api-health-url <url>, or --continue',
    })
    await assert.rejects(
      type('npm run release -- local --continue --api-health-url https://a.example'),
      /leave out one of/,
    )
    await assert.rejects(type('npm run release -- local --api-health-url http://a.example'), /write an https URL/)
    await assert.rejects(
      type('npm run release -- local --from nonsense'),
      /Allowed choices are migrate, deploy, bootstrap/,
    )
    await assert.rejects(type('npm run release -- prod --continue'), /add --yes, or pipe "yes" in/)
  })

  describe('with --api-health-url', () => {
    let server: Server
    let url: string
    const answers: number[] = []
    before(async () => {
      server = createServer((_, response) =>
        response.writeHead(answers.shift() ?? 503, {location: 'http://127.0.0.1:9/'}).end(),
      )
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`
    })
    after(() => {
      server.closeAllConnections()
      return new Promise(resolve => server.close(resolve))
    })

    it('waits until the API answers with success, and follows it nowhere else', async () => {
      answers.push(503, 302, 200)
      const {code, stdout, stderr} = await type(`npm run release -- local --from deploy --api-health-url ${url}`)
      assert.equal(stdout.includes(`| deploy frontend and API | ✔ done |`), true, stdout)
      assert.match(stderr, /waiting for \S+\/health: it answers 503\n.*waiting for \S+: it answers 302\n/s)
      assert.equal(code, 0)
      assert.deepEqual(answers, [])
    })

    it('gives up after its time, and says why and how to go on', async () => {
      const {code, stdout} = await type(`npm run release -- local --from deploy --timeout 1s --api-health-url ${url}`)
      assert.equal(code, 1)
      assert.match(stdout, /\/health did not answer with success within 1 s: it answers 503 \|/)
      const line = `npm run release -- local --from deploy --api-health-url ${url} --timeout 1s`
      assert.ok(stdout.includes(`\nFix this, then resume with: ${line}\n`), stdout)
    })

    it('ends when interrupted, with what was done and how to go on', async () => {
      const interrupt = new AbortController()
      const ending = type(`npm run release -- local --from deploy --api-health-url ${url}`, interrupt.signal)
      interrupt.abort()
      const {code, stdout} = await ending
      assert.equal(code, 130)
      assert.match(stdout, /^\| deploy frontend and API \| ✖ stopped \| {2}\| interrupted \|/m)
      assert.ok(
        stdout.includes(`resume with: npm run release -- local --from deploy --api-health-url ${url}\n`),
        stdout,
      )
    })
  })
})
