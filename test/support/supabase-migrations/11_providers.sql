create type public.provider_kind as enum ('gcp', 'aws', 'azure', 'openai', 'anthropic');

create table public.providers (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references public.organizations (id) on delete cascade,
  kind public.provider_kind not null,
  display_name text not null default '',
  config jsonb not null default '{}',
  last_synced_at timestamptz,
  unique nulls not distinct (org_id, kind, display_name)
);
create index providers_config_idx on public.providers using gin (config jsonb_path_ops);
alter table public.providers enable row level security;
create policy "members read" on public.providers for select to authenticated using (org_id in (select private.org_ids_of_user()));
create policy "collaborators write" on public.providers for insert to authenticated with check (org_id in (select private.org_ids_of_user('collaborator')));
