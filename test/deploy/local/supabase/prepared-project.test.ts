import assert from 'node:assert/strict'
import {mkdtemp, readdir, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {preparedProject} from '../../../../deploy/local/supabase/prepared-project.ts'

describe('preparedProject', () => {
  let parent: string
  let folder: string
  let prepared: string[]
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'prepared-project-'))
    folder = join(parent, 'cache/supabase')
    prepared = []
  })
  afterEach(() => rm(parent, {recursive: true}))

  async function get(sql: string): Promise<string> {
    const prepare = async () => {
      prepared.push(sql)
      return new Blob([`data of ${sql}`])
    }
    return (await preparedProject(sql, prepare, folder)).text()
  }

  it('prepares a project once', async () => {
    assert.deepEqual([await get('a'), await get('a')], ['data of a', 'data of a'])
    assert.deepEqual(prepared, ['a'])
  })

  it('prepares another text afresh, and keeps only the newest', async () => {
    assert.deepEqual([await get('a'), await get('b')], ['data of a', 'data of b'])
    assert.deepEqual(prepared, ['a', 'b'])
    assert.equal((await readdir(folder)).length, 1)
    assert.deepEqual(await readdir(join(parent, 'cache')), ['supabase'])
  })

  it('gives the data where they cannot be kept', async () => {
    await writeFile(join(parent, 'cache'), 'a file where the folder should be')
    assert.deepEqual([await get('a'), await get('a')], ['data of a', 'data of a'])
    assert.deepEqual(prepared, ['a', 'a'])
  })
})
