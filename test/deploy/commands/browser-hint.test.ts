import assert from 'node:assert/strict'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {browserHint} from '../../../deploy/cli/browser-hint.ts'
import {writeSandboxFile} from '../../../deploy/local/sandbox-file.ts'
import {createEntry} from '../../support/ledger-entry.ts'
import {createNotedDeadLetter} from '../../support/received-message.ts'
import {startTestSandbox, type TestSandbox} from '../../support/test-sandbox.ts'
import {typeCommand} from '../../support/type-command.ts'

describe('where the console shows what a command printed', function () {
  this.timeout(60_000)
  let sandbox: TestSandbox
  let sandboxFolder: string
  let deadLetter: string

  before(async () => {
    sandboxFolder = await mkdtemp(join(tmpdir(), 'hint-'))
    sandbox = await startTestSandbox()
    await writeSandboxFile(sandboxFolder, sandbox.addresses)
    await sandbox.ledger.claim(createEntry({at: new Date().toISOString()}))
    const {data, attributes} = createNotedDeadLetter()
    deadLetter = await sandbox.publish('dead-letters', data, attributes)
  })
  after(async () => {
    await sandbox.stop()
    await rm(sandboxFolder, {recursive: true})
  })

  const lastLine = async (line: string) =>
    (await typeCommand(line, {sandboxFolder})).stdout.trimEnd().split('\n').at(-1)
  const hint = (path: string) => `In the browser: npm run console -- local --open '${path}'`

  it('is the last line of each command that has a page', async () => {
    assert.equal(await lastLine('npm run list -- local'), hint('/'))
    assert.equal(await lastLine('npm run runs -- local'), hint('/runs'))
    assert.equal(await lastLine('npm run runs -- local bootstrap@1'), hint('/runs/bootstrap@1'))
    assert.equal(await lastLine('npm run dead-letters -- local'), hint('/dead-letters'))
    assert.equal(
      await lastLine(`npm run dead-letters -- local show ${deadLetter}`),
      hint(`/dead-letters?ids=${deadLetter}`),
    )
  })

  it('is not in what a program reads', async () => {
    for (const words of ['list -- local', 'runs -- local', 'dead-letters -- local', 'runs -- local bootstrap@1']) {
      assert.doesNotMatch((await typeCommand(`npm run ${words} --json`, {sandboxFolder})).stdout, /In the browser/)
    }
  })

  it('keeps the command in one piece where the line is too narrow for both', () => {
    const path = '/runs/daily-quota-reset@2026-11-23T00:00Z'
    assert.equal(browserHint('local', path, 80), `In the browser:\n  npm run console -- local --open '${path}'`)
    assert.equal(browserHint('local', '/', 80), hint('/'))
  })
})
