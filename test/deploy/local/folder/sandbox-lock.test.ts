import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, rm, stat} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {lockSandboxFolder, SandboxInUseError} from '../../../../deploy/local/folder/sandbox-lock.ts'

const script = fileURLToPath(new URL('../../../support/lock-and-wait.ts', import.meta.url))
const at = new Date('2026-11-26T08:00:00Z')

describe('lockSandboxFolder', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lock-'))
  })
  afterEach(() => rm(folder, {recursive: true}))

  it('is for one at a time, and the loser is told who has it and since when', async () => {
    const first = await lockSandboxFolder(folder, () => at)
    await assert.rejects(
      lockSandboxFolder(folder, () => new Date()),
      (error: unknown) => {
        assert.ok(error instanceof SandboxInUseError)
        assert.deepEqual(error.holder, {pid: process.pid, startedAt: '2026-11-26T08:00:00.000Z'})
        assert.match(error.message, new RegExp(`in use by process ${process.pid}, since 2026-11-26T08:00:00.000Z$`))
        return true
      },
    )
    first.release()
    first.release()
    const second = await lockSandboxFolder(folder, () => at)
    second.release()
  })

  it('gives it to exactly one of many who try at once', async () => {
    const tries = await Promise.allSettled(Array.from({length: 20}, () => lockSandboxFolder(folder, () => at)))
    const winners = tries.filter(result => result.status === 'fulfilled')
    assert.equal(winners.length, 1)
    winners[0]?.value.release()
  })

  it('is free as soon as the process that had it is dead, however it died', async () => {
    const holder = spawn(process.execPath, [script, folder], {stdio: ['pipe', 'pipe', 'inherit']})
    const ended = once(holder, 'close')
    await once(holder.stdout, 'data')
    await assert.rejects(
      lockSandboxFolder(folder, () => at),
      new RegExp(`in use by process ${holder.pid}, since `),
    )
    holder.kill('SIGKILL')
    await ended
    const lock = await lockSandboxFolder(folder, () => at)
    lock.release()
  })

  it('keeps its files to their owner', async function () {
    if (process.platform === 'win32') return this.skip()
    const lock = await lockSandboxFolder(folder, () => at)
    for (const name of ['lock.db', 'lock.json']) assert.equal((await stat(join(folder, name))).mode & 0o077, 0, name)
    lock.release()
  })
})
