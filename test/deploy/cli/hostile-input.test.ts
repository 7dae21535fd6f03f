import assert from 'node:assert/strict'
import {existsSync} from 'node:fs'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {writeSandboxFile} from '../../../deploy/local/sandbox-file.ts'
import {findHarm, hostileTexts, touched} from '../../support/hostile-texts.ts'
import {startTestSandbox, type TestSandbox, until} from '../../support/test-sandbox.ts'
import {typeArgs} from '../../support/type-command.ts'

/** Words of a command around a hostile one; every command takes some. */
const commandLines: readonly (readonly [script: string, words: (text: string) => string[]])[] = [
  ['publish', text => [text, 'local']],
  ['publish', text => ['bootstrap', text]],
  ['publish', text => ['bootstrap', 'local', '--arg', text]],
  ['publish', text => ['bootstrap', 'local', '--arg', `forceSync=${text}`]],
  ['publish', text => ['org-sync-all', 'local', '--arg', `org=${text}`, '--dry-run']],
  ['publish', text => ['bootstrap', 'local', '--timeout', text]],
  ['runs', text => ['local', text]],
  ['runs', text => ['local', '--job', text]],
  ['runs', text => ['local', '--since', text]],
  ['list', text => [text]],
  ['pause', text => ['local', text]],
  ['resume', text => [text, '--all']],
  ['doctor', text => [text]],
  ['release', text => ['local', '--from', text]],
  ['release', text => ['local', '--api-health-url', text]],
  ['dead-letters', text => ['local', '--kind', text]],
  ['dead-letters', text => ['local', '--run', text]],
  ['replay', text => ['local', '--job', text]],
]

describe('hostile input, through the whole service', function () {
  this.timeout(120_000)
  let sandbox: TestSandbox
  let sandboxFolder: string

  before(async () => {
    sandboxFolder = await mkdtemp(join(tmpdir(), 'hostile-'))
    // As deployed: a JSON object a line.
    sandbox = await startTestSandbox({functionEnv: {LOG_FORMAT: 'cloud'}, warm: 'cloudact-manual-bootstrap'})
    await writeSandboxFile(sandboxFolder, sandbox.addresses)
    assert.equal((await sandbox.run('bootstrap', 'first')).event, 'succeeded')
  })
  after(async () => {
    await sandbox.stop()
    await rm(sandboxFolder, {recursive: true})
  })

  async function type(script: string, words: string[]): Promise<{code: number; text: string}> {
    try {
      const {code, stdout, stderr} = await typeArgs(script, words, {sandboxFolder})
      return {code, text: stdout + stderr}
    } catch (error) {
      assert.ok(error instanceof Error)
      // What the entry makes of these: exit code 2, and one readable text.
      assert.match(
        error.name,
        /^(?:UsageError|ConfigurationError)$/,
        `${script} ${JSON.stringify(words)}: ${error.stack}`,
      )
      return {code: 2, text: ''}
    }
  }

  for (const [script, words] of commandLines) {
    it(`on the command line of ${script}, ${words('…').join(' ')}, is refused or means nothing`, async () => {
      for (const text of hostileTexts) {
        const {code, text: printed} = await type(script, words(text))
        assert.ok([0, 1, 2].includes(code), `${JSON.stringify(text.slice(0, 40))} ended with ${code}`)
        assert.equal(findHarm(printed), undefined)
      }
    })
  }

  it('in a message becomes a dead letter, or nothing, and is shown without harm', async () => {
    const runIds = await Promise.all(
      hostileTexts.map(async (text, index) => {
        const runId = `bootstrap@hostile-${index}`
        await sandbox.publish('manual-jobs', text.toWellFormed(), {
          job: 'bootstrap',
          runId,
          requestedBy: text.toWellFormed().slice(0, 200),
        })
        return runId
      }),
    )
    for (const runId of runIds) {
      const {event, error} = await sandbox.over(runId)
      // An empty body is taken for no arguments.
      assert.ok(event === 'failed' ? error?.kind === 'unreadable' : event === 'succeeded', `${runId} ${event}`)
    }
    for (const text of hostileTexts.filter(text => text.length > 0 && Buffer.byteLength(text) < 1000)) {
      await sandbox.publish('manual-jobs', '{}', {job: text.toWellFormed()})
    }
    await until('what names no job is set aside', async () => {
      const {text} = await type('dead-letters', ['local', '--json'])
      return /"sourceTopic":"manual-jobs".*no job has this name/s.test(text) ? true : undefined
    })
    for (const words of [['local'], ['local', '--kind', 'unreadable']]) {
      const {code, text} = await type('dead-letters', words)
      assert.equal(code, 0)
      assert.equal(findHarm(text), undefined)
    }
    const shown = await type('runs', ['local'])
    assert.equal(findHarm(shown.text), undefined)
  })

  it('in what the API says reaches a person without harm', async () => {
    for (const [index, text] of hostileTexts.entries()) {
      const response = {status: 400, body: {detail: text}}
      sandbox.adminApi.faults.inject({path: /bootstrap\/status$/, kind: 'status', response})
      const {event, error} = await sandbox.run('bootstrap', `api-${index}`)
      assert.equal(event, 'failed')
      const {text: shown} = await type('runs', ['local', `bootstrap@api-${index}`])
      assert.equal(findHarm(shown), undefined)
      const deadLetter = await type('dead-letters', ['local', 'show', error?.deadLetterId ?? ''])
      assert.equal(findHarm(deadLetter.text), undefined)
    }
  })

  it('in the slug of an organization is an answer against the contract, and syncs nothing', async () => {
    for (const [index, slug] of hostileTexts.entries()) {
      if (slug.length > 1000) continue
      const organizations = [{org_slug: slug, company_name: slug, status: 'ACTIVE'}]
      const text = JSON.stringify({organizations, total: 1, page: 1, page_size: 100, has_more: false})
      sandbox.adminApi.faults.inject({path: /\/organizations$/, kind: 'body', text})
      const {event} = await sandbox.run('org-sync-all', `slug-${index}`)
      assert.equal(event, 'failed', JSON.stringify(slug))
      sandbox.adminApi.faults.clear()
    }
  })

  it('in none of all this breaks a log line, or is carried out by a shell', () => {
    assert.equal(existsSync(touched), false)
    for (const line of sandbox.lines) {
      assert.doesNotThrow(() => JSON.parse(line), line.slice(0, 300))
    }
  })
})
