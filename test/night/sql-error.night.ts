import assert from 'node:assert/strict'
import {cp, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {sampleMigrations} from '../../deploy/local/migrations-folder.ts'
import {findLine} from '../support/spawn-command.ts'
import {typeIn} from './terminal.ts'

/* The night's failure that needs an editor: once the file is corrected, the command that was printed is all it takes. */
describe('an SQL error in a migration', function () {
  this.timeout(300_000)
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sql-error-night-'))
  })
  after(() => rm(folder, {recursive: true}))

  it('is named by file and line, and one command is green once the file is right', async () => {
    const migrations = join(folder, 'migrations')
    const file = join(migrations, '05_tenant_region.sql')
    await cp(sampleMigrations, migrations, {recursive: true})
    await writeFile(file, '-- where a tenant is\nALTER TABLE tenants ADD COLUM region text;\n')
    const sandbox = typeIn(`npm run local -- --env SUPABASE_MIGRATIONS_DIR='${migrations}'`, folder)
    try {
      await sandbox.until('What it received and did: npm run sandbox -- requests. Ctrl-C ends it; its state stays.')
      const red = typeIn('npm run publish -- migrate local', folder)
      assert.equal(await red.ended, 1, red.printed())
      assert.match(red.printed(), /✖ failed .*05_tenant_region\.sql, line 2: syntax error/)

      await writeFile(file, '-- where a tenant is\nALTER TABLE tenants ADD COLUMN region text;\n')
      const green = typeIn(findLine(red.printed(), 'replay'), folder)
      assert.equal(await green.ended, 0, green.printed())
      assert.match(green.printed(), /✔ succeeded .*05_tenant_region\.sql/)
    } finally {
      sandbox.interrupt()
      await sandbox.ended
    }
  })
})
