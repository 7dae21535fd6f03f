import {deepEqual, equal, match, ok} from 'node:assert/strict'
import {readdir, readFile, rm} from 'node:fs/promises'
import {type SupabaseEmulator, startSupabase} from '../../../../deploy/local/supabase/server.ts'
import {copyFreshProject} from './fresh-project.ts'
import {accessToken, postQuery, projectRef} from './query-client.ts'

const folder = new URL('../../../support/supabase-migrations/', import.meta.url)

describe('test/support/supabase-migrations', () => {
  let emulator: SupabaseEmulator
  let dataFolder: string
  let names: string[]
  let texts: Map<string, string>

  before(async function () {
    this.timeout(60_000)
    names = (await readdir(folder)).sort()
    texts = new Map(
      await Promise.all(names.map(async name => [name, await readFile(new URL(name, folder), 'utf8')] as const)),
    )
    dataFolder = await copyFreshProject()
    emulator = await startSupabase({accessToken, projectRef, dataFolder})
    for (const [name, text] of texts) {
      const {status, message} = await postQuery(emulator, text)
      equal(status, 201, `${name}: ${message}`)
    }
  })
  after(async () => {
    await emulator.stop()
    await rm(dataFolder, {recursive: true, force: true})
  })

  it('holds what makes migrations hard', () => {
    const has = (pattern: RegExp) => [...texts.values()].filter(text => pattern.test(text)).length
    ok(names.length >= 40)
    ok(names.every(name => /^\d{2}[a-z]?_[a-z_]+\.sql$/.test(name)))
    ok(new Set(names.map(name => name.slice(0, 3))).size < names.length, 'two files share a number')
    ok(
      names.some(name => /^\d+[a-z]_/.test(name)),
      'lettered names',
    )
    equal(has(/^-- migrate: no-transaction\n/), 2)
    ok(has(/;\s*$/) < names.length, 'missing final semicolons')
    equal(has(/;[^\n]*--[^\n]+$/), 1, 'a comment at the very end')
    equal(has(/\r\n/), 1, 'made on Windows')
    ok(has(/[^\p{ASCII}]/u) >= 3)
    ok(has(/\$body\$/) > 0 && has(/^BEGIN;$/m) > 0)
  })

  it('leaves valid indexes, also those built concurrently', async () => {
    const rows = await emulator.query(`select relname, indisvalid from pg_index join pg_class on oid = indexrelid
      where relname in ('audit_log_changed_at_idx', 'billing_events_subscription_key') order by 1`)
    deepEqual(rows, [
      {relname: 'audit_log_changed_at_idx', indisvalid: true},
      {relname: 'billing_events_subscription_key', indisvalid: true},
    ])
  })

  it('brings strings through unchanged, whatever they look like', async () => {
    const flags = await emulator.query('select key, description from feature_flags')
    const descriptions = new Map(flags.map(({key, description}) => [key, description]))
    equal(descriptions.get('comments'), 'not -- a comment, /* nor this */')
    equal(descriptions.get('dollars'), 'costs $1, $$2$$ or $tag$3$tag$')
    equal(descriptions.get('escapes'), "a tab\there, a line\nbreak, a back\\slash and it's fine")
    equal(descriptions.get('data'), 'unicode escapes')
    const [currency] = await emulator.query("select obj_description('currencies'::regclass) as text")
    equal(currency?.['text'], 'Codes nach ISO 4217; "XBT" isn\'t one — naïve, but useful 🪙')
  })

  it('makes an application that works: sign-up, membership, budget, alert', async () => {
    const user = '11111111-1111-4111-8111-111111111111'
    await emulator.query(`
      insert into auth.users (id, email) values ('${user}', 'ann@example.com');
      insert into organizations (org_slug, org_name, admin_email) values ('acme', 'Acme', 'ann@example.com');
      insert into organization_members (org_id, user_id, role) select id, '${user}', 'owner' from organizations;
      insert into budgets (org_id, name, amount) select id, 'all', 100 from organizations;
      insert into cost_records (usage_date, org_id, service, quantity, unit_price)
        select current_date, id, 'compute', 90, 1 from organizations`)
    deepEqual(await emulator.query('select private.evaluate_budgets() as triggered'), [{triggered: 2}])
    deepEqual(await emulator.query('select full_name from profiles'), [{full_name: 'ann'}])

    const asUser = `set local role authenticated; set local request.jwt.claims = '{"sub": "${user}"}';`
    const seen = await postQuery(emulator, `begin; ${asUser} select count(*) from cost_alerts; commit`)
    deepEqual(seen.rows, [{count: 2}])
    deepEqual((await postQuery(emulator, 'set role anon; select count(*) from cost_alerts')).rows, [{count: 0}])
  })

  it('refuses a second time what is not repeatable, with line and SQLSTATE', async () => {
    const {status, message} = await postQuery(emulator, texts.get('20_budgets.sql') ?? '')
    equal(status, 400)
    match(message, /^Failed to run sql query: ERROR: {2}42710: type "positive_amount" already exists\n/)
  })
})
