import {mkdtemp, readdir, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {bundleFunction} from '../../deploy/bundle/bundle.ts'
import {loadCatalogue} from '../../deploy/catalogue/catalogue.ts'
import {sampleMigrations} from '../../deploy/local/migrations-folder.ts'
import {startSupabase} from '../../deploy/local/supabase/server.ts'
import {toPushBody} from '../support/push-delivery.ts'
import {stagedEnv, stagedSecrets} from '../support/staged-env.ts'
import {start} from './cold-start.ts'
import {startInstantLedger} from './instant-ledger.ts'
import type {Group} from './row.ts'

const name = 'supabase-migrate'

/** The deployed supabase-migrate on a new database: a count, the same each time. */
export const migrateRow: Group = {
  name: 'migrate',
  async measure({tell}) {
    tell('all migrations on a new database')
    const root = await mkdtemp(join(tmpdir(), 'bench-migrate-'))
    const [supabase, ledger] = await Promise.all([
      startSupabase({accessToken: stagedSecrets.SUPABASE_ACCESS_TOKEN, projectRef: 'local'}),
      startInstantLedger(),
    ])
    try {
      const job = (await loadCatalogue()).find(job => job.name === name)
      if (job === undefined) throw new Error(`there is no ${name}`)
      const {folder} = await bundleFunction(job, root, {migrationsFolder: sampleMigrations})
      await supabase.warmUp()
      const running = await start([join(folder, 'framework/main.mjs')], {
        env: stagedEnv(job, {
          NODE_ENV: 'production',
          SUPABASE_API_URL: supabase.url,
          BIGQUERY_EMULATOR_HOST: ledger.url,
          PUBSUB_EMULATOR_HOST: '127.0.0.1:9',
        }),
      })
      try {
        const attributes = {job: name, runId: `${name}@01BENCH`, trigger: 'manual', requestedBy: 'bench'}
        await running.push(toPushBody({messageId: 'bench', attributes, subscription: job.functionName}))
      } finally {
        await running.kill()
      }
      const files = (await readdir(join(folder, 'migrations'))).filter(file => file.endsWith('.sql')).length
      const applied = await supabase.query('select filename from public.schema_migrations')
      if (applied.length !== files) throw new Error(`${applied.length} of ${files} files were applied`)
      const requests = supabase.requestLog.length
      return [
        {
          what: `${name}: requests for ${files} files`,
          baseline: `files: ${files}`,
          goal: {limit: files + 2, is: 'at most'},
          figure: String(requests),
          value: requests,
          runs: 1,
        },
      ]
    } finally {
      await Promise.all([supabase.stop(), ledger.stop()])
      await rm(root, {recursive: true})
    }
  },
}
