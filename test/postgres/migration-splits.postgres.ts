import assert from 'node:assert/strict'
import {startSupabase} from '../../deploy/local/supabase/server.ts'
import {runnerToken} from '../support/migration-runner.ts'
import {findPostgres, type PostgresServer, startPostgres} from '../support/postgres-server.ts'
import {checkSplits} from '../support/split-property.ts'

describe('whatever a file makes of transactions, on a real PostgreSQL', function () {
  this.timeout(600_000)
  let server: PostgresServer | undefined
  before(async function () {
    const programs = await findPostgres()
    if (programs === undefined) {
      process.stdout.write('no PostgreSQL below /usr/lib/postgresql: skipped\n')
      this.skip()
    }
    server = await startPostgres(programs)
  })
  after(() => server?.stop())

  it('never says that it was applied without its effect and its record', async () => {
    assert.ok(server !== undefined)
    const database = await server.createDatabase()
    const emulator = await startSupabase({
      database,
      accessToken: runnerToken,
      projectRef: 'local',
      requestsPerMinute: 1_000_000,
    })
    const session = await server.openSession()
    try {
      const applied = await checkSplits(emulator, {
        runs: 300,
        async psql(statements) {
          let isAccepted = true
          for (const statement of statements) {
            await session.query(statement).catch(() => {
              isAccepted = false
            })
          }
          await session.query('rollback')
          return isAccepted
        },
        async tablesOfPsql() {
          const {rows} = await session.query<{name: string}>(
            "select table_name as name from information_schema.tables where table_schema = 'public'",
          )
          return rows.map(({name}) => name)
        },
      })
      assert.ok(applied >= 30, `only ${applied} of the files were applied at all`)
    } finally {
      await session.end()
      await emulator.stop()
    }
  })
})
