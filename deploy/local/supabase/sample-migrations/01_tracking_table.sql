-- The record of applied migrations. It exists already wherever an older runner has been; this makes a new project equal.
create table if not exists public.schema_migrations (
  id serial primary key,
  filename varchar(255) not null unique,
  applied_at timestamptz default now(),
  checksum varchar(64),
  execution_time_ms integer,
  applied_by varchar(255)
);

comment on table public.schema_migrations is 'Applied migrations: one row a file. Written by the migration job alone.';

-- Supabase opens every table of public to its API. Nobody but the job, which bypasses row-level security, has business here.
alter table public.schema_migrations enable row level security;
revoke all on public.schema_migrations from anon, authenticated;
