import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import {connectLocal} from '../../../deploy/environment/connect-local.ts'
import {type ReachOptions, reachSandbox} from '../../../deploy/environment/reach-sandbox.ts'
import {lockSandboxFolder} from '../../../deploy/local/folder/sandbox-lock.ts'
import type {Job} from '../../../lib/job/job.ts'
import {until} from '../../support/test-sandbox.ts'

const script = fileURLToPath(new URL('../../support/sandbox-and-wait.ts', import.meta.url))
const projectId = 'cloudact-local'

describe('connecting to the sandbox', function () {
  this.timeout(90_000)
  let jobs: readonly Job[]
  let folder: string
  let notices: string[]

  before(async () => {
    jobs = await loadCatalogue()
  })
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'connect-'))
    notices = []
  })
  afterEach(() => rm(folder, {recursive: true}))

  const options = (given: Partial<ReachOptions> = {}): ReachOptions => ({
    jobs,
    env: {SANDBOX_FOLDER: folder},
    onNotice: text => void notices.push(text),
    ...given,
  })
  const attributes = (runId: string) => ({job: 'bootstrap', runId, trigger: 'manual', requestedBy: 'test'})
  const message = (runId: string) => ({data: Buffer.from('{}'), attributes: attributes(runId)})

  it('starts one sandbox for all who come at once, and keeps it until the last has gone', async () => {
    const reached = await Promise.all(Array.from({length: 5}, () => reachSandbox(options())))
    const own = reached.filter(({isOwn}) => isOwn)
    const others = reached.filter(({isOwn}) => !isOwn)
    assert.deepEqual([own.length, others.length], [1, 4])
    assert.equal(new Set(reached.map(({addresses}) => addresses.controlToken)).size, 1)
    const started = notices.filter(text => text.startsWith('Starting the sandbox'))
    assert.equal(started.length, 1)

    let isOver = false
    const leaving = own[0]?.leave().then(() => {
      isOver = true
    })
    assert.match(notices.at(-1) ?? '', /^4 other commands use this sandbox: it stops when they are done/)
    for (const [index, other] of others.entries()) {
      assert.equal(isOver, false, `${index} have gone`)
      await other.leave()
    }
    await leaving
    assert.equal(isOver, true)
  })

  it('does not come back for what was still being asked when it left', async () => {
    const own = await reachSandbox(options())
    const connection = await connectLocal(projectId, options())
    const asking = connection.ledger.history('bootstrap@1').then(
      () => 'answered',
      (error: Error) => error.name,
    )
    await connection.close()
    assert.match(await asking, /^(answered|UnavailableError)$/)
    // It stops only when no other command uses it.
    await own.leave()
    assert.deepEqual(
      notices.filter(text => text.includes('has ended')),
      [],
    )
  })

  it('says who has the folder while it waits for it, and Ctrl-C ends the wait', async () => {
    const lock = await lockSandboxFolder(folder, () => new Date('2026-11-26T08:00:00Z'))
    const interrupt = new AbortController()
    const reaching = reachSandbox(options({signal: interrupt.signal}))
    await until('it is said', async () => notices[0])
    interrupt.abort()
    await assert.rejects(reaching, {name: 'CancelledError'})
    lock.release()
    assert.deepEqual(notices, [
      `The sandbox is being started or stopped by process ${process.pid}, since 2026-11-26T08:00:00.000Z: waiting for it…`,
    ])
  })

  it('stops at Ctrl-C, whoever else uses it, and the others notice', async () => {
    const interrupt = new AbortController()
    const own = await reachSandbox(options({signal: interrupt.signal}))
    const other = await reachSandbox(options())
    assert.deepEqual([own.isOwn, other.isOwn], [true, false])
    interrupt.abort()
    await own.leave()
    await other.ended
  })

  it('delivers as soon as somebody waits for it, though it was started only to look', async () => {
    const looking = await connectLocal(projectId, options({readOnly: true}))
    await looking.publisher.publish('manual-jobs', message('bootstrap@one'))
    const publishing = await connectLocal(projectId, options())
    const entries = await until('the run is over', async () => {
      const history = await publishing.ledger.history('bootstrap@one')
      return history.some(({event}) => event === 'succeeded') ? history : undefined
    })
    assert.ok(entries.length > 0)
    await publishing.close()
    await looking.close()
  })

  it('notices within 5 s that its sandbox was killed, and goes on with one of its own', async () => {
    const child = spawn(process.execPath, [script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {...process.env, METADATA_SERVER_DETECTION: 'none'},
    })
    const exit = once(child, 'close')
    await once(child.stdout, 'data')
    const connection = await connectLocal(projectId, options())
    assert.equal(connection.isTemporary, false)
    await connection.publisher.publish('manual-jobs', message('bootstrap@two'))
    const waiting = until('the run is over', async () => {
      const history = await connection.ledger.history('bootstrap@two')
      return history.find(({event}) => event === 'succeeded')
    })
    const killedAt = performance.now()
    child.kill('SIGKILL')
    await exit
    await until('it is said', async () => notices.find(text => /has ended/.test(text)))
    assert.ok(performance.now() - killedAt < 5000, `after ${performance.now() - killedAt} ms`)
    assert.equal(
      notices.find(text => /has ended/.test(text)),
      `The sandbox of process ${child.pid} has ended; what it was sent is still in its folder.`,
    )
    assert.equal((await waiting).runId, 'bootstrap@two')
    assert.equal(connection.isTemporary, true)
    await connection.close()
  })
})
