import assert from 'node:assert/strict'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {writeSandboxFile} from '../../../deploy/local/sandbox-file.ts'
import {findLine, runLine} from '../../support/spawn-command.ts'
import {startTestSandbox, type TestSandbox} from '../../support/test-sandbox.ts'

/*
 * A person who has never seen the project gets from a red publish to a green replay with only what the commands print:
 * each command but the first is taken from the output of one before.
 */
describe('from a red publish to a green replay', function () {
  this.timeout(120_000)
  const functionEnv: Record<string, string> = {CA_ROOT_API_KEY: 'wrong-key-wrong-key'}
  let sandbox: TestSandbox
  let sandboxFolder: string

  before(async () => {
    sandboxFolder = await mkdtemp(join(tmpdir(), 'red-to-green-'))
    sandbox = await startTestSandbox({functionEnv, warm: 'cloudact-manual-bootstrap'})
    await writeSandboxFile(sandboxFolder, sandbox.addresses)
  })
  after(async () => {
    await sandbox.stop()
    await rm(sandboxFolder, {recursive: true})
  })
  const type = (line: string) => runLine(line, {sandboxFolder})

  it('takes the commands that are printed, one after the other', async () => {
    const red = await type('npm run publish -- bootstrap local')
    assert.equal(red.code, 1)
    assert.match(red.stdout, /✖ failed .*CA_ROOT_API_KEY is not the key of this API/)

    const show = await type(findLine(red.stdout, 'dead-letters'))
    assert.equal(show.code, 0, show.stderr)
    assert.match(show.stdout, /reason +the admin API refused .*CA_ROOT_API_KEY is not the key/)
    assert.match(show.stdout, /1 +1 .*failed \(permanent\)/)
    const replay = findLine(show.stdout, 'replay')
    assert.equal(replay, findLine(red.stdout, 'replay'))

    const tooEarly = await type(replay)
    assert.equal(tooEarly.code, 1)
    assert.match(tooEarly.stdout, /✖ failed .*, 2 attempts/)

    await mendKey()
    const green = await type(findLine(tooEarly.stdout, 'replay'))
    assert.equal(green.code, 0, green.stderr)
    assert.match(green.stdout, /published to manual-jobs/)
    assert.match(green.stdout, /✔ succeeded .*, 3 attempts: fresh bootstrap/)

    const history = await type(findLine(red.stdout, 'runs'))
    assert.equal(history.code, 0)
    assert.match(history.stdout, /✔ succeeded/)
    assert.equal(history.stdout.match(/failed \(permanent\)/g)?.length, 2)
    assert.match(history.stdout, /3 +1 .*succeeded +\S+, replay/)
    assert.match((await type('npm run dead-letters -- local')).stdout, /^No dead letters in local/)
  })

  async function mendKey(): Promise<void> {
    delete functionEnv['CA_ROOT_API_KEY']
    const running = await sandbox.functions.processOf('cloudact-manual-bootstrap')
    await running?.end('SIGTERM')
  }
})
