import {join} from 'node:path'
import {parseOutsidePath} from '../../lib/environment/outside-path.ts'
import {loadCatalogue, projectRoot} from '../catalogue/catalogue.ts'
import {alignRows} from '../cli/align-rows.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {bundleFunction} from './bundle.ts'
import {successPathOf} from './success-path.ts'

/** `npm run build`: every function's bundle, below dist/; migrations travel along where SUPABASE_MIGRATIONS_DIR is set. */
export async function runBuild(_argv: readonly string[], io: CommandIo): Promise<ExitCode> {
  const given = io.env['SUPABASE_MIGRATIONS_DIR'] ?? ''
  const migrationsFolder = given === '' ? undefined : parseOutsidePath('SUPABASE_MIGRATIONS_DIR', given)
  const jobs = await loadCatalogue()
  const bundles = await Promise.all(jobs.map(job => bundleFunction(job, join(projectRoot, 'dist'), {migrationsFolder})))
  const rows = bundles.map(({functionName, metafile}) => {
    const kilobytes = Math.round(successPathOf(metafile).bytes / 1000)
    return [functionName, `${kilobytes} KB of code for an event that succeeds`] as const
  })
  io.stdout(alignRows(rows).join('\n'))
  return exitCodes.done
}
