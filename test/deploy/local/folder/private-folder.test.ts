import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {chmod, mkdir, mkdtemp, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {closeToOthers, makePrivateFolder} from '../../../../deploy/local/folder/private-folder.ts'

describe('makePrivateFolder', () => {
  let parent: string
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'private-'))
  })
  afterEach(() => rm(parent, {recursive: true}))
  const modeOf = async (path: string) => (await stat(path)).mode & 0o777

  it('makes a folder that only its owner can read', async () => {
    const folder = join(parent, 'a', 'b')
    await makePrivateFolder(folder)
    assert.equal(await modeOf(folder), 0o700)
  })

  it('closes a sandbox of before, which everybody could read', async () => {
    const folder = join(parent, 'old')
    await mkdir(folder)
    await chmod(folder, 0o755)
    for (const name of ['admin-api.json', 'lock.db', 'lock.db-journal']) await writeFile(join(folder, name), '{}')
    await makePrivateFolder(folder)
    assert.equal(await modeOf(folder), 0o700)
  })

  it("leaves somebody's folder as it is, and closes what is the sandbox's in it", async () => {
    await chmod(parent, 0o755)
    await writeFile(join(parent, 'notes.txt'), '', {mode: 0o644})
    await writeFile(join(parent, 'journal.jsonl'), '', {mode: 0o644})
    await mkdir(join(parent, 'supabase'), {mode: 0o755})
    await makePrivateFolder(parent)
    await closeToOthers(parent)
    const modes = await Promise.all(
      ['', 'notes.txt', 'journal.jsonl', 'supabase'].map(name => modeOf(join(parent, name))),
    )
    assert.deepEqual(modes, [0o755, 0o644, 0o600, 0o700])
  })

  it('names a disk that is full, before anything is written', async function () {
    const folder = join(parent, 'small')
    await mkdir(folder)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], {stdio: 'ignore'})
    } catch {
      process.stdout.write('    no small disk can be mounted here: the test of a full one is skipped\n')
      return this.skip()
    }
    try {
      await assert.rejects(
        makePrivateFolder(folder),
        /the disk of .*small is full: \d MB are left, .* needs 100 MB\. Free/,
      )
    } finally {
      execFileSync('umount', [folder])
    }
  })
})
