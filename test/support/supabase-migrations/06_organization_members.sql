create type public.member_role as enum ('read_only', 'collaborator', 'owner');
create type public.member_status as enum ('active', 'inactive', 'suspended');

create table public.organization_members (
  id bigint generated always as identity primary key,
  org_id uuid not null references public.organizations on delete cascade,
  user_id uuid not null references public.profiles (id) on delete cascade,
  role public.member_role not null default 'read_only',
  status public.member_status not null default 'active',
  joined_at timestamptz not null default now(),
  unique (org_id, user_id)
);
create index on public.organization_members (user_id) where status = 'active';
create unique index one_owner_per_organization on public.organization_members (org_id) where role = 'owner';
alter table public.organization_members enable row level security;
