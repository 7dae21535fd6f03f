import {deepEqual, equal, match, ok} from 'node:assert/strict'
import {mkdtemp, readdir, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type SupabaseEmulator, startSupabase} from '../../../../deploy/local/supabase/server.ts'
import {accessToken, postQuery, projectRef} from './query-client.ts'

describe('openProject', () => {
  let folder: string
  let emulator: SupabaseEmulator

  before(async function () {
    this.timeout(60_000)
    folder = await mkdtemp(join(tmpdir(), 'supabase-project-'))
    emulator = await start({})
  })
  after(async () => {
    await emulator.stop()
    await rm(folder, {recursive: true, force: true})
  })

  async function start(options: {readonly queryTimeoutMilliseconds?: number}): Promise<SupabaseEmulator> {
    const dataFolder = join(folder, 'below', 'data')
    const started = await startSupabase({accessToken, projectRef, dataFolder, requestsPerMinute: 1000, ...options})
    await started.warmUp()
    return started
  }

  const ask = (query: string) => postQuery(emulator, query)

  /** What a signed-in user sees, as PostgREST asks: in a transaction, with the role and the token's claims. */
  async function askAs(user: string, query: string) {
    return ask(
      `begin; set local role authenticated; set local request.jwt.claims = '{"sub": "${user}"}'; ${query}; commit`,
    )
  }

  async function signUp(user: string): Promise<void> {
    await emulator.query(`insert into auth.users (id, email) values ('${user}', '${user.slice(0, 4)}@example.com')`)
  }

  describe('a new project', () => {
    it('runs SQL as postgres, who is no superuser', async () => {
      const {rows} = await ask(
        'select current_user as name, rolsuper, rolbypassrls from pg_roles where rolname = current_user',
      )
      deepEqual(rows, [{name: 'postgres', rolsuper: false, rolbypassrls: true}])
      match((await ask('create role root superuser')).message, /ERROR: {2}42501: permission denied/)
    })

    it('has the tracking table, empty', async () => {
      const columns = await emulator.query(`select column_name, data_type from information_schema.columns
        where table_schema = 'public' and table_name = 'schema_migrations' order by ordinal_position`)
      deepEqual(
        columns.map(({column_name, data_type}) => `${column_name} ${data_type}`),
        [
          'id integer',
          'filename character varying',
          'applied_at timestamp with time zone',
          'checksum character varying',
          'execution_time_ms integer',
          'applied_by character varying',
        ],
      )
      deepEqual((await ask('select * from schema_migrations')).rows, [])
    })

    it('creates the extensions that migrations ask for, in the schema extensions', async () => {
      for (const name of [
        '"uuid-ossp"',
        'pgcrypto',
        'pg_trgm',
        'citext',
        'hstore',
        'moddatetime',
        'pg_stat_statements',
      ]) {
        const {status, message} = await ask(`create extension if not exists ${name} with schema extensions`)
        equal(status, 201, `${name}: ${message}`)
      }
      const {rows} = await ask("select uuid_generate_v4() as id, length(crypt('secret', gen_salt('bf'))) as crypted")
      match(String(rows[0]?.['id']), /^[0-9a-f-]{36}$/)
      equal(rows[0]?.['crypted'], 60)
      match((await ask('create extension pg_cron')).message, /ERROR: {2}0A000: extension "pg_cron" is not available\n/)
    })

    it('tells policies who asks', async () => {
      const claims =
        '{"sub": "11111111-1111-1111-1111-111111111111", "role": "authenticated", "email": "a@b.c", "aal": "aal1"}'
      const {rows} = await ask(`set request.jwt.claims = '${claims}';
        select auth.uid() as uid, auth.role() as role, auth.email() as email, auth.jwt() ->> 'aal' as aal`)
      deepEqual(rows, [
        {uid: '11111111-1111-1111-1111-111111111111', role: 'authenticated', email: 'a@b.c', aal: 'aal1'},
      ])
      deepEqual((await ask('select auth.uid() as uid, auth.role() as role')).rows, [{uid: null, role: null}])
    })

    it('takes triggers on auth.users and policies on storage.objects', async () => {
      const trigger = await ask(`
        create table signed_up (id uuid references auth.users (id) on delete cascade, email text);
        create function note_user() returns trigger language plpgsql security definer set search_path = '' as $$
          begin insert into public.signed_up values (new.id, new.email); return new; end $$;
        create trigger on_auth_user_created after insert on auth.users for each row execute function note_user();
        insert into auth.users (id, email) values (gen_random_uuid(), 'new@example.com');
        select email from signed_up`)
      deepEqual(trigger.rows, [{email: 'new@example.com'}])
      equal((await ask('drop trigger on_auth_user_created on auth.users; drop table signed_up')).status, 201)

      const policy = await ask(`
        insert into storage.buckets (id, name, public) values ('avatars', 'avatars', true);
        create policy "own folder" on storage.objects for insert to authenticated
          with check (bucket_id = 'avatars' and (storage.foldername(name))[1] = auth.uid()::text);
        select storage.filename('a/b/c.tar.gz') as file, storage.extension('a/b/c.tar.gz') as extension`)
      deepEqual(policy.rows, [{file: 'c.tar.gz', extension: 'gz'}])
      equal((await ask('drop policy "own folder" on storage.objects')).status, 201)
    })

    for (const [statement, refusal] of [
      ['alter table storage.objects enable row level security', 'must be owner of table objects'],
      ['drop table auth.users cascade', 'must be owner of table users'],
      ['create table auth.mine (id int)', 'permission denied for schema auth'],
      [
        'delete from storage.objects',
        'Direct deletion from storage tables is not allowed. Use the Storage API instead.',
      ],
    ] as const) {
      it(`refuses ${statement}, as Supabase does`, async () => {
        const {message} = await ask(statement)
        equal(message.split('\n')[0], `Failed to run sql query: ERROR:  42501: ${refusal}`)
        ok(!message.includes('guard_platform'), message)
      })
    }

    it('opens what is created in public to the API, and row-level security closes it', async () => {
      await ask('create table open (id int); insert into open values (1)')
      deepEqual((await ask('set role anon; select * from open')).rows, [{id: 1}])
      await ask('alter table open enable row level security')
      deepEqual((await ask('set role anon; select * from open')).rows, [])
      deepEqual((await ask('set role service_role; select * from open')).rows, [{id: 1}])
    })

    it('has an empty publication that tables can be added to', async () => {
      await ask('create table live (id int primary key); alter publication supabase_realtime add table live')
      const rows = await emulator.query('select pubname, tablename from pg_publication_tables')
      deepEqual(rows, [{pubname: 'supabase_realtime', tablename: 'live'}])
    })
  })

  describe('the sample migrations', () => {
    const [ann, bob, eve] = ['aaaa', 'bbbb', 'eeee'].map(start => `${start}0000-0000-4000-8000-000000000000`)

    before(async () => {
      const migrations = new URL('../../../../deploy/local/supabase/sample-migrations/', import.meta.url)
      const names = (await readdir(migrations)).sort()
      ok(names.length >= 4 && names.some(name => /^\d+[a-z]_/.test(name)), 'an example of each kind of name')
      for (const name of names) {
        const {status, message} = await ask(await readFile(new URL(name, migrations), 'utf8'))
        equal(status, 201, `${name}: ${message}`)
      }
      for (const user of [ann, bob, eve]) await signUp(String(user))
      await emulator.query(`
        insert into tenants (org_slug, company_name) values ('acme', 'Acme Inc'), ('other', 'Other Ltd');
        insert into members (tenant_id, user_id, role)
        select id, '${ann}'::uuid, 'owner'::member_role from tenants where org_slug = 'acme'
        union all select id, '${bob}', 'admin' from tenants where org_slug = 'acme'
        union all select id, '${eve}', 'owner' from tenants where org_slug = 'other'`)
    })

    it('shows members their own tenant, its settings and each other', async () => {
      deepEqual((await askAs(String(bob), 'select org_slug from tenants')).rows, [{org_slug: 'acme'}])
      const settings = 'select default_currency from tenant_settings'
      deepEqual((await askAs(String(bob), settings)).rows, [{default_currency: 'USD'}])
      deepEqual((await askAs(String(bob), 'select count(*) from members')).rows, [{count: 2}])
      deepEqual((await ask('set role anon; select * from tenants')).rows, [])
    })

    it('lets admins change the name, and nothing that belongs to the API service', async () => {
      const renamed = await askAs(
        String(bob),
        "update tenants set company_name = 'Acme GmbH' returning updated_at > created_at as is_newer",
      )
      deepEqual(renamed.rows, [{is_newer: true}])
      match((await askAs(String(bob), "update tenants set status = 'CANCELLED'")).message, /ERROR: {2}42501: /)
    })

    it('lets only owners make and unmake owners', async () => {
      const promoted = await askAs(String(bob), `update members set role = 'owner' where user_id = '${bob}'`)
      match(promoted.message, /new row violates row-level security policy for table "members"/)
      const removed = await askAs(String(bob), `delete from members where user_id = '${ann}' returning user_id`)
      deepEqual(removed.rows, [])
      const byOwner = await askAs(
        String(ann),
        `update members set role = 'owner' where user_id = '${bob}' returning role`,
      )
      deepEqual(byOwner.rows, [{role: 'owner'}])
    })

    it('keeps the record of migrations out of the API', async () => {
      match((await askAs(String(ann), 'select * from schema_migrations')).message, /permission denied for table/)
    })
  })

  describe('a folder', () => {
    before(async function () {
      this.timeout(30_000)
      await emulator.stop()
      emulator = await start({queryTimeoutMilliseconds: 50})
    })

    it('is opened again with all that was in it', async () => {
      deepEqual(await emulator.query('select org_slug from tenants order by 1'), [
        {org_slug: 'acme'},
        {org_slug: 'other'},
      ])
    })

    it('answers 544 past the time limit, while the query goes on and succeeds', async () => {
      const answer = await ask('create table late (id int); select pg_sleep(0.5); insert into late values (1)')
      deepEqual([answer.status, answer.message], [544, 'Failed to run sql query: Query read timeout'])
      deepEqual(await emulator.query('select * from late'), [{id: 1}])
    })

    it('leaves nothing unfinished beside itself', async () => {
      deepEqual(await readdir(join(folder, 'below')), ['data'])
    })
  })
})
