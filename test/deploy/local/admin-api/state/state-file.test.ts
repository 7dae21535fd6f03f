import assert from 'node:assert/strict'
import {mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import * as z from 'zod'
import {createStateFile, readStateFile} from '../../../../../deploy/local/admin-api/state/state-file.ts'

describe('createStateFile', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'admin-api-'))
    path = join(folder, 'deeper', 'state.json')
  })
  afterEach(() => rm(folder, {recursive: true}))

  it('is read as it was saved, in a folder that it makes', async () => {
    await createStateFile({path, read: () => ({count: 3})}).save()
    assert.deepEqual(await readStateFile(path, z.object({count: z.number()})), {count: 3})
    assert.deepEqual(await readdir(join(folder, 'deeper')), ['state.json'], 'nothing temporary is left')
  })

  it('has saved, when it says so, a state no older than the moment it was asked', async () => {
    let count = 0
    const file = createStateFile({path, read: () => ({count})})
    for (let expected = 1; expected <= 3; expected++) {
      const asked = Array.from({length: 10}, () => {
        count += 1
        return file.save()
      })
      await Promise.race(asked)
      await asked.at(-1)
      assert.deepEqual(JSON.parse(await readFile(path, 'utf8')), {count: expected * 10})
    }
  })

  it('shares one write among those who ask during another', async () => {
    let reads = 0
    const file = createStateFile({path, read: () => ({reads: ++reads})})
    const first = file.save()
    await Promise.resolve()
    await Promise.all([first, ...Array.from({length: 50}, () => file.save())])
    assert.ok(reads <= 2, `${reads} writes`)
  })

  it('goes on after a write that failed', async () => {
    let isBroken = true
    const file = createStateFile({
      path,
      read: () => {
        if (isBroken) throw new Error('not now')
        return {count: 1}
      },
    })
    await assert.rejects(file.save(), /not now/)
    isBroken = false
    await file.save()
    assert.deepEqual(await readStateFile(path, z.unknown()), {count: 1})
  })

  it('is nothing where there is no file, and names one that it can not read', async () => {
    assert.equal(await readStateFile(path, z.object({})), undefined)
    const other = join(folder, 'other.json')
    for (const text of ['{"format": 1', '[]']) {
      await writeFile(other, text)
      await assert.rejects(readStateFile(other, z.object({})), /can't be read from .*other\.json: remove the file/)
    }
  })
})
