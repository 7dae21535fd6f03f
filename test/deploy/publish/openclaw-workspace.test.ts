import assert from 'node:assert/strict'
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {missingWorkspaceFiles} from '../../../deploy/publish/openclaw-workspace.ts'

describe('missingWorkspaceFiles', () => {
  let home: string
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'home-'))
  })
  afterEach(() => rm(home, {recursive: true}))

  it('names each file that is missing, and not where that home is', async () => {
    assert.deepEqual(await missingWorkspaceFiles({HOME: home}), [
      '~/.openclaw/workspace/IDENTITY.md is missing; the job runs without it',
      '~/.openclaw/workspace/CONTEXT.md is missing; the job runs without it',
    ])
  })

  it('is silent about those that are there', async () => {
    const folder = join(home, '.openclaw', 'workspace')
    await mkdir(folder, {recursive: true})
    await writeFile(join(folder, 'IDENTITY.md'), '')
    assert.equal((await missingWorkspaceFiles({HOME: home})).length, 1)
    await writeFile(join(folder, 'CONTEXT.md'), '')
    assert.deepEqual(await missingWorkspaceFiles({HOME: home}), [])
  })

  it('does not look where nothing of this project may look, and the job runs all the same', async () => {
    const lines = await missingWorkspaceFiles({HOME: '/Users/gurukallam'})
    assert.equal(lines.length, 1)
    assert.match(lines[0] ?? '', /was not checked: HOME leads below \/Users\/gurukallam/)
  })
})
