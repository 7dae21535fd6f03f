import assert from 'node:assert/strict'
import {mkdtemp, readdir, readFile, readlink, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import * as z from 'zod'
import {lockSandboxFolder} from '../../deploy/local/folder/sandbox-lock.ts'
import {runLine} from '../support/spawn-command.ts'
import {startTestSandbox} from '../support/test-sandbox.ts'

/** Each is a process that loads the commands: more of them cost time, and find nothing else. */
const starts = Number(process.env['STARTS'] ?? 12)
const resultSchema = z.looseObject({runId: z.string(), outcome: z.string()})

describe('many commands that start at once on one folder', function () {
  this.timeout(600_000)
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'race-'))
    // The commands are bundled before the first one; that is another race.
    await runLine('npm run publish -- --help', {sandboxFolder: folder})
  })
  after(() => rm(folder, {recursive: true}))

  it(`share one sandbox: ${starts} runs succeed, each once, and no process is left`, async () => {
    const ends = await Promise.all(
      Array.from({length: starts}, () =>
        runLine('npm run publish -- bootstrap local --json --timeout 500s', {sandboxFolder: folder}),
      ),
    )
    for (const {code, stderr} of ends) assert.equal(code, 0, stderr)
    const runIds = ends.map(({stdout}) => resultSchema.parse(JSON.parse(stdout)).runId)
    assert.equal(new Set(runIds).size, starts)
    const starters = ends.filter(({stderr}) => stderr.includes('Starting the sandbox'))
    process.stdout.write(`    ${starters.length} of ${starts} started a sandbox, one after the other\n`)

    const lock = await lockSandboxFolder(folder, () => new Date())
    lock.release()
    assert.equal((await readdir(folder)).includes('sandbox.json'), false)
    assert.deepEqual(await orphans(), [], 'functions whose sandbox is gone')

    const sandbox = await startTestSandbox({folder, pausesDelivery: true})
    for (const runId of runIds) {
      const events = (await sandbox.ledger.history(runId)).map(({event}) => event)
      assert.deepEqual(
        events.filter(event => event !== 'progress' && event !== 'duplicate'),
        ['started', 'succeeded'],
        runId,
      )
    }
    await sandbox.stop()
  })
})

/** Function processes that have lost their parent; only where /proc tells. */
async function orphans(): Promise<string[]> {
  if (process.platform !== 'linux') return []
  const found: string[] = []
  for (const pid of await readdir('/proc')) {
    const [command = '', status = ''] = await Promise.all(
      ['cmdline', 'status'].map(name => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
    )
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => '')
    const isOurs = folder === process.cwd() && command.includes('serve-function.ts')
    if (isOurs && /^PPid:\s+1$/m.test(status)) found.push(pid)
  }
  return found
}
