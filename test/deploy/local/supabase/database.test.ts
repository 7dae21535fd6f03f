import {deepEqual, equal, rejects} from 'node:assert/strict'
import {createProjectDatabase} from '../../../../deploy/local/supabase/database.ts'

/** A thread that speaks as PGlite's does, and does what the query says. */
const threadUrl = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import {parentPort as port} from 'node:worker_threads'
    let queries = 0
    port.postMessage({kind: 'ready', startMilliseconds: 7})
    port.on('message', ({kind, sql}) => {
      if (kind === 'close') port.close()
      else if (sql === 'throw') throw new Error('out of memory')
      else if (sql === 'exit') process.exit(1)
      else if (sql !== 'hang') port.postMessage({kind: 'outcome', outcome: {kind: 'rows', rows: [{query: ++queries}]}})
    })`)}`,
)
const brokenThreadUrl = new URL(`data:text/javascript,${encodeURIComponent(`throw new Error('no such folder')`)}`)

describe('createProjectDatabase', () => {
  const rowsOf = (query: number) => ({kind: 'rows', rows: [{query}]})

  it('starts with the first query, and only once', async () => {
    const database = createProjectDatabase({threadUrl})
    equal(database.startMilliseconds(), undefined)
    deepEqual(await Promise.all([database.run('a'), database.run('b')]), [rowsOf(1), rowsOf(2)])
    equal(database.startMilliseconds(), 7)
    await database.stop()
  })

  it('begins a query when the one before it is done', async () => {
    const database = createProjectDatabase({threadUrl})
    const events: string[] = []
    const first = database.run('a', () => events.push('first begins')).then(() => events.push('first ends'))
    const second = database.run('b', () => events.push('second begins'))
    await Promise.all([first, second])
    deepEqual(events, ['first begins', 'first ends', 'second begins'])
    await database.stop()
  })

  for (const crash of ['throw', 'exit']) {
    it(`stays away when it crashed in memory (${crash}), instead of coming back empty`, async () => {
      const database = createProjectDatabase({threadUrl})
      await database.run('a')
      await rejects(database.run(crash), /the database has (crashed|ended)/)
      await rejects(database.run('b'), /the database has ended/)
      await database.stop()
    })

    it(`opens a folder again after a crash (${crash})`, async () => {
      const database = createProjectDatabase({threadUrl, dataFolder: 'somewhere'})
      await database.run('a')
      await rejects(database.run(crash), /the database has (crashed|ended)/)
      deepEqual(await database.run('b'), rowsOf(1))
      await database.stop()
    })
  }

  it('reports a start that fails with each query', async () => {
    const database = createProjectDatabase({threadUrl: brokenThreadUrl})
    await rejects(database.warmUp(), {message: 'the database has crashed', cause: new Error('no such folder')})
    await rejects(database.run('a'), /the database has crashed/)
    await database.stop()
  })

  it('stops without waiting for a query, nor for a start', async () => {
    const busy = createProjectDatabase({threadUrl, dataFolder: 'somewhere'})
    const {promise: begun, resolve: begin} = Promise.withResolvers<void>()
    const hanging = rejects(busy.run('hang', begin), /the database has ended/)
    const queued = rejects(busy.run('a'), /the database is stopped/)
    await begun
    await busy.stop()
    await Promise.all([hanging, queued])

    const starting = createProjectDatabase({threadUrl})
    const start = rejects(starting.warmUp(), /the database has ended/)
    await starting.stop()
    await start
  })

  it('does not start once it is stopped', async () => {
    const database = createProjectDatabase({threadUrl})
    await database.stop()
    await rejects(database.run('a'), /the database is stopped/)
  })
})
