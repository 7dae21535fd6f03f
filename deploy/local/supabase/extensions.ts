import type {Extensions, PGlite} from '@electric-sql/pglite'
import {btree_gin} from '@electric-sql/pglite/contrib/btree_gin'
import {btree_gist} from '@electric-sql/pglite/contrib/btree_gist'
import {citext} from '@electric-sql/pglite/contrib/citext'
import {fuzzystrmatch} from '@electric-sql/pglite/contrib/fuzzystrmatch'
import {hstore} from '@electric-sql/pglite/contrib/hstore'
import {intarray} from '@electric-sql/pglite/contrib/intarray'
import {ltree} from '@electric-sql/pglite/contrib/ltree'
import {moddatetime} from '@electric-sql/pglite/contrib/moddatetime'
import {pg_stat_statements} from '@electric-sql/pglite/contrib/pg_stat_statements'
import {pg_trgm} from '@electric-sql/pglite/contrib/pg_trgm'
import {pgcrypto} from '@electric-sql/pglite/contrib/pgcrypto'
import {tablefunc} from '@electric-sql/pglite/contrib/tablefunc'
import {unaccent} from '@electric-sql/pglite/contrib/unaccent'
import {uuid_ossp} from '@electric-sql/pglite/contrib/uuid_ossp'

/**
 * What `create extension` finds: those that both Supabase and PGlite ship. Not among them, because they don't exist for
 * PGlite's platform: pg_cron, pg_net, pg_graphql, supabase_vault, pgjwt, postgis. A migration that asks for one of
 * these is refused with Postgres' own `extension "…" is not available`.
 */
export const availableExtensions: Extensions = {
  btree_gin,
  btree_gist,
  citext,
  fuzzystrmatch,
  hstore,
  intarray,
  ltree,
  moddatetime,
  pg_stat_statements,
  pg_trgm,
  pgcrypto,
  tablefunc,
  unaccent,
  uuid_ossp,
}

/**
 * Lets `postgres`, who is no superuser, create moddatetime. Supabase does that with supautils (`privileged_extensions`);
 * here it is Postgres' own word for it in the control file. All others of the list are marked as trusted already.
 */
export function trustModdatetime(database: PGlite): void {
  const control = [
    "comment = 'functions for tracking last modification time'",
    "default_version = '1.0'",
    "module_pathname = '$libdir/moddatetime'",
    'relocatable = true',
    'trusted = true',
    '',
  ].join('\n')
  database.copyToFS('/pglite/share/postgresql/extension/moddatetime.control', new TextEncoder().encode(control))
}
