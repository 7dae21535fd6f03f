-- Schema public: whatever `postgres` creates there is open to the API's roles, and only row-level security stands before
-- it. That is Supabase's default, and the reason why a migration enables it on every table.
grant usage on schema public to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on sequences to postgres, anon, authenticated, service_role;

-- The record of applied migrations, older than this project's runner: it exists in every environment.
set local role postgres;
create table public.schema_migrations (
  id serial primary key,
  filename varchar(255) not null unique,
  applied_at timestamptz default now(),
  checksum varchar(64),
  execution_time_ms integer,
  applied_by varchar(255)
);
reset role;
