-- A tenant is what the API service calls an organization; org_slug is the name that both share.
create table public.tenants (
  id uuid primary key default gen_random_uuid(),
  org_slug text not null unique constraint org_slug_as_in_the_api check (org_slug ~ '^[a-z0-9_]{3,50}$'),
  company_name text not null check (char_length(company_name) between 1 and 200),
  status text not null default 'ACTIVE' check (status in ('ACTIVE', 'SUSPENDED', 'CANCELLED')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- Closed from the first moment; the policies that open it are in 04.
alter table public.tenants enable row level security;

-- Functions that are not part of the API live outside of the schemas it serves.
create schema if not exists private;

create function private.set_updated_at() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end;
$$;

create trigger set_updated_at before update on public.tenants
  for each row execute function private.set_updated_at();
