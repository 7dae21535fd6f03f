alter table public.providers add column if not exists aliases text[] not null default array[]::text[];
create index if not exists providers_aliases_idx on public.providers using gin (aliases);
