import assert from 'node:assert/strict'
import {mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describeSet, readMigrationFolder} from '../../../lib/migrations/migration-folder.ts'

describe('readMigrationFolder', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'folder-'))
  })
  afterEach(() => rm(folder, {recursive: true}))

  it('reads the *.sql files of the folder itself, in their order, and identifies them by a hash', async () => {
    await writeFile(join(folder, '02_b.sql'), 'select 2')
    await writeFile(join(folder, '01_a.sql'), 'select 1')
    await writeFile(join(folder, 'README.md'), 'not SQL')
    await mkdir(join(folder, 'old'))
    await writeFile(join(folder, 'old', '00_z.sql'), 'select 0')
    const set = await readMigrationFolder(folder)
    assert.deepEqual(
      set.files.map(({name}) => name),
      ['01_a.sql', '02_b.sql'],
    )
    assert.match(describeSet(set), /^2 files of \/.+ \(hash [0-9a-f]{12}\)$/)
    await writeFile(join(folder, '02_b.sql'), 'select 3')
    assert.notEqual((await readMigrationFolder(folder)).hash, set.hash)
  })

  it('refuses a folder that is absent, or holds no migration', async () => {
    await assert.rejects(
      readMigrationFolder(join(folder, 'absent')),
      /absent can't be read: set SUPABASE_MIGRATIONS_DIR/,
    )
    await writeFile(join(folder, 'README.md'), 'not SQL')
    await assert.rejects(readMigrationFolder(folder), /holds no \*\.sql file: set SUPABASE_MIGRATIONS_DIR/)
  })

  it('refuses a link to a file, wherever it leads', async () => {
    await writeFile(join(folder, '01_a.sql'), 'select 1')
    await symlink(join(folder, '01_a.sql'), join(folder, '02_b.sql'))
    await assert.rejects(readMigrationFolder(folder), /02_b\.sql is a symbolic link: only files of the folder itself/)
  })
})
