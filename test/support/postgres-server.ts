import {type ChildProcess, execFile, spawn} from 'node:child_process'
import {existsSync} from 'node:fs'
import {chown, mkdtemp, readdir, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import pg from 'pg'
import type {ProjectDatabase} from '../../deploy/local/supabase/database.ts'
import type {QueryOutcome} from '../../deploy/local/supabase/query-outcome.ts'

const installations = '/usr/lib/postgresql'
/** PostgreSQL refuses to run as root: `nobody` and `nogroup` of Debian. */
const unprivileged = 65_534

/** A real PostgreSQL on a socket in a folder of its own; it listens on no port. */
export type PostgresServer = {
  readonly version: string
  /** A database of its own, used as Supabase's endpoint uses one: each query on a connection of its own. */
  readonly createDatabase: () => Promise<ProjectDatabase>
  /** The same, and a session in it that stays open. */
  readonly createDatabaseWithSession: () => Promise<{database: ProjectDatabase; session: pg.Client}>
  /** A session of its own in another new database, as psql has one. */
  readonly openSession: () => Promise<pg.Client>
  readonly stop: () => Promise<void>
}

/** @returns the folder of the newest installed release's programs, or undefined. */
export async function findPostgres(): Promise<string | undefined> {
  const releases = await readdir(installations).catch(() => [])
  const folders = releases.toSorted((a, b) => Number(b) - Number(a)).map(name => join(installations, name, 'bin'))
  return folders.find(folder => existsSync(join(folder, 'postgres')) && existsSync(join(folder, 'initdb')))
}

export async function startPostgres(programs: string): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'))
  const isRoot = process.getuid?.() === 0
  if (isRoot) await chown(folder, unprivileged, unprivileged)
  const user = isRoot ? {uid: unprivileged, gid: unprivileged} : {}
  const data = join(folder, 'data')
  await promisify(execFile)(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'postgres', '-E', 'UTF8', '--locale=C', '--auth=trust', '--no-sync'],
    {...user, cwd: folder},
  )
  const server = spawn(join(programs, 'postgres'), ['-D', data, '-k', folder, '-c', 'listen_addresses=', '-F'], {
    ...user,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = new Promise<void>(resolve => server.once('close', () => resolve()))
  await untilReady(server)
  let databases = 0
  const connect = async (database: string) => {
    const client = new pg.Client({host: folder, user: 'postgres', database})
    await client.connect()
    return client
  }
  const admin = await connect('postgres')
  const create = async () => {
    databases += 1
    const name = `project${databases}`
    await admin.query(`create database ${name}`)
    return name
  }
  const useDatabase = (name: string): ProjectDatabase => ({
    warmUp: async () => {},
    startMilliseconds: () => 0,
    stop: async () => {},
    async run(sql, onStart) {
      onStart?.()
      const client = await connect(name)
      try {
        return await runQuery(client, sql)
      } finally {
        await client.end()
      }
    },
  })
  const {rows} = await admin.query<{server_version: string}>('show server_version')
  return {
    version: rows[0]?.server_version ?? '',
    openSession: async () => connect(await create()),
    createDatabase: async () => useDatabase(await create()),
    async createDatabaseWithSession() {
      const name = await create()
      return {database: useDatabase(name), session: await connect(name)}
    },
    async stop() {
      await admin.end()
      server.kill('SIGINT')
      await ended
      await rm(folder, {recursive: true})
    },
  }
}

/** As supabase/postgres-meta does it: one simple query, and the rows of the last statement that has any. */
async function runQuery(client: pg.Client, sql: string): Promise<QueryOutcome> {
  try {
    const answer: unknown = await client.query(sql)
    const results = Array.isArray(answer) ? answer : [answer]
    return {kind: 'rows', rows: results.findLast(({rows}) => rows.length > 0)?.rows ?? []}
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error
    const {severity = 'ERROR', code = '', message, position, detail, hint, internalQuery, where} = error
    return {
      kind: 'refused',
      error: {
        severity,
        sqlState: code,
        message,
        ...(position === undefined ? {} : {position: Number(position)}),
        ...(detail === undefined ? {} : {detail}),
        ...(hint === undefined ? {} : {hint}),
        ...(internalQuery === undefined ? {} : {internalQuery}),
        ...(where === undefined ? {} : {context: where}),
      },
    }
  }
}

async function untilReady(server: ChildProcess): Promise<void> {
  let printed = ''
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.once('close', () => reject(new Error(`PostgreSQL ended before it was ready:\n${printed}`)))
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      printed = `${printed}${text}`.slice(-4000)
      if (/ready to accept connections/.test(printed)) resolve()
    })
  })
}
