import * as z from 'zod'
import {toPrintableLine} from '../log/printable.ts'
import type {Supabase} from '../supabase/supabase.ts'

const holderSchema = z.object({
  pid: z.number(),
  usename: z.string().nullable(),
  application_name: z.string().nullable(),
  state: z.string().nullable(),
  seconds: z.number(),
  tables: z.string().nullable(),
  query: z.string().nullable(),
})

/** Transactions that hold locks on tables and are older than any that a migration waits for in vain. */
const query = `select a.pid, a.usename, a.application_name, a.state,
  extract(epoch from clock_timestamp() - a.xact_start)::integer as seconds,
  string_agg(distinct l.relation::regclass::text, ', ') as tables, left(a.query, 100) as query
from pg_locks l join pg_stat_activity a on a.pid = l.pid join pg_class c on c.oid = l.relation
where l.locktype = 'relation' and l.granted and a.pid <> pg_backend_pid() and c.relkind in ('r', 'p', 'v', 'm')
  and c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
group by a.pid, a.usename, a.application_name, a.state, a.xact_start, a.query
order by a.xact_start limit 3`

/** Who holds locks that a migration may be waiting for, the oldest first, in words. */
export async function describeLockHolders(supabase: Supabase): Promise<string> {
  const rows = await supabase.query(query, {name: 'who holds the lock', isIdempotent: true, row: holderSchema})
  if (rows.length === 0) return 'nobody holds a lock on a table any more'
  const lines = rows.map(row => {
    const who = [row.usename ?? 'unknown', row.application_name].filter(text => (text ?? '') !== '').join(', ')
    return `process ${row.pid} (${who}; ${row.state ?? 'unknown'} for ${row.seconds} s) holds ${row.tables}: ${row.query ?? ''}`
  })
  return toPrintableLine(lines.join('; '), 900)
}
