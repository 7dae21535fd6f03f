import type {Session} from '../environment/session.ts'
import {findMigrations} from '../migrations/find-migrations.ts'
import {openMigrationDatabase} from '../migrations/open-database.ts'
import type {MigrationList} from './page/base/wire-views.ts'

/** What `npm run migrations` shows. The database is opened for each reading, and closed again. */
export async function readMigrations({environment, io, signal}: Session): Promise<MigrationList> {
  const database = await openMigrationDatabase(environment, io, signal)
  try {
    const {set, projectRef, states, next, advice} = await findMigrations(database, environment)
    return {
      folder: set.folder,
      hash: set.hash,
      projectRef,
      files: states,
      problem: next.problem,
      next: next.files.map(({name}) => name),
      advice,
    }
  } finally {
    await database.close()
  }
}
