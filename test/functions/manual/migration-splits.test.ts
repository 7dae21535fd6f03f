import assert from 'node:assert/strict'
import type {PGlite} from '@electric-sql/pglite'
import {openProject} from '../../../deploy/local/supabase/open-project.ts'
import {type SupabaseEmulator, startSupabase} from '../../../deploy/local/supabase/server.ts'
import {runnerToken} from '../../support/migration-runner.ts'
import {checkSplits} from '../../support/split-property.ts'

describe('supabase-migrate, whatever a file makes of transactions', function () {
  this.timeout(120_000)
  let emulator: SupabaseEmulator
  let reference: PGlite
  before(async () => {
    emulator = await startSupabase({accessToken: runnerToken, projectRef: 'local', requestsPerMinute: 1_000_000})
    await emulator.warmUp()
    // Opened, for half of what it takes to initialize one.
    reference = await openProject({})
  })
  after(async () => {
    await reference.close()
    await emulator.stop()
  })

  it('never says that it was applied without its effect and its record', async () => {
    const applied = await checkSplits(emulator, {
      runs: 40,
      async psql(statements) {
        let isAccepted = true
        for (const statement of statements) await reference.exec(statement).catch(() => (isAccepted = false))
        // What is left open goes with the session.
        await reference.exec('rollback')
        return isAccepted
      },
      async tablesOfPsql() {
        const {rows} = await reference.query<{name: string}>(
          "select table_name as name from information_schema.tables where table_schema = 'public'",
        )
        return rows.map(({name}) => name)
      },
    })
    assert.ok(applied >= 5, `only ${applied} of the files were applied at all`)
  })
})
