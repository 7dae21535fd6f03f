import * as z from 'zod'
import {quoteLiteral} from './quote-literal.ts'

/** A row of public.schema_migrations, which is shared with older runners: any column may be empty. */
export const trackingRowSchema = z.object({
  filename: z.string().nullable(),
  checksum: z.string().nullable(),
  applied_at: z.string().nullable(),
  execution_time_ms: z.number().nullable(),
  applied_by: z.string().nullable(),
})
export type TrackingRow = z.infer<typeof trackingRowSchema>

/** Any number, the same for every runner of this project. */
export const lockKey = 7_318_203_114

const columns = 'filename, checksum, applied_at::text as applied_at, execution_time_ms, applied_by'

export const trackingQuery = `select ${columns} from public.schema_migrations order by filename`

/**
 * Makes the table where it is absent, then reads it. Supabase serves every table of public through its API, so row-level
 * security is on; its owner, who runs migrations, bypasses it.
 */
export const ensureTrackingQuery = `do $migrate$ begin
  if to_regclass('public.schema_migrations') is null then
    perform pg_advisory_xact_lock(${lockKey});
    create table if not exists public.schema_migrations (
      id serial primary key,
      filename varchar(255) not null unique,
      applied_at timestamptz default now(),
      checksum varchar(64),
      execution_time_ms integer,
      applied_by varchar(255)
    );
    alter table public.schema_migrations enable row level security;
  end if;
end $migrate$;
${trackingQuery}`

/** The file that a row is about, whatever an older runner made of its name; undefined where it has none. */
export function fileNameOf({filename}: TrackingRow): string | undefined {
  const name = (filename ?? '').trim().replace(/^.*[/\\]/, '')
  if (name === '') return undefined
  return /\.sql$/i.test(name) ? name : `${name}.sql`
}

/** Whether any row is about a file: a condition on public.schema_migrations, as {@link fileNameOf} reads names. */
export function isRecordedCondition(name: string): string {
  const names = [name, name.replace(/\.sql$/i, '')].map(quoteLiteral).join(', ')
  return `regexp_replace(btrim(filename), '^.*[/\\\\]', '') in (${names})`
}

export function recordOf(name: string): string {
  return `select ${columns} from public.schema_migrations where filename = ${quoteLiteral(name)}`
}

/**
 * Writes a file's row. Works without the constraints that somebody may have dropped, over a row that the file wrote
 * itself, and where rows with ids of their own left the sequence behind.
 */
export function recordStatement(record: {
  readonly name: string
  readonly checksum: string
  readonly appliedBy: string
  /** An SQL expression. @default the time since the request arrived */
  readonly milliseconds?: string
}): string {
  const {name, checksum, appliedBy} = record
  const milliseconds =
    record.milliseconds ?? '(extract(epoch from clock_timestamp() - statement_timestamp()) * 1000)::integer'
  const insert = `insert into public.schema_migrations (filename, applied_at, checksum, execution_time_ms, applied_by) values (${quoteLiteral(name)}, clock_timestamp(), ${quoteLiteral(checksum)}, ${milliseconds}, ${quoteLiteral(appliedBy)});`
  return `do $migrate$ begin
  update public.schema_migrations set applied_at = clock_timestamp(), checksum = ${quoteLiteral(checksum)}, execution_time_ms = ${milliseconds}, applied_by = ${quoteLiteral(appliedBy)} where filename = ${quoteLiteral(name)};
  if not found then
    begin
      ${insert}
    exception when unique_violation then
      perform setval(pg_get_serial_sequence('public.schema_migrations', 'id'), (select max(id) from public.schema_migrations));
      ${insert}
    end;
  end if;
end $migrate$;`
}

/** Takes a file's content of today for what was applied. `appliedBy` replaces what the row said. */
export function acceptStatement(filename: string, checksum: string, appliedBy: string): string {
  return `update public.schema_migrations set checksum = ${quoteLiteral(checksum)}, applied_by = ${quoteLiteral(appliedBy)} where filename = ${quoteLiteral(filename)};`
}

export function removeStatement(filename: string): string {
  return `delete from public.schema_migrations where filename = ${quoteLiteral(filename)};`
}
