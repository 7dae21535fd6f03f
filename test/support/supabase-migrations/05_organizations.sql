do $$
begin
  if not exists (select 1 from pg_type where typname = 'org_plan') then
    create type public.org_plan as enum ('starter', 'professional', 'scale');
  end if;
end
$$;

create table public.organizations (
  id uuid primary key default extensions.uuid_generate_v4(),
  org_slug text not null unique check (org_slug ~ '^[a-z0-9_]{3,50}$'),
  org_name text not null,
  admin_email extensions.citext not null,
  plan public.org_plan not null default 'starter',
  settings jsonb not null default '{"alerts": {"email": true, "slack": null}, "currency": "USD"}'::jsonb,
  is_active boolean generated always as (settings ->> 'deactivated_at' is null) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint settings_is_object check (jsonb_typeof(settings) = 'object')
);

alter table public.organizations enable row level security;

create trigger organizations_moddatetime before update on public.organizations
  for each row execute procedure extensions.moddatetime (updated_at);
