-- Who belongs to a tenant, and what they may do there.
create type public.member_role as enum ('viewer', 'editor', 'admin', 'owner');

create table public.members (
  tenant_id uuid not null references public.tenants (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  role public.member_role not null default 'viewer',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, user_id)
);

-- Every policy asks "of which tenants is this user a member", which the primary key's order doesn't serve.
create index members_user_id_idx on public.members (user_id);

alter table public.members enable row level security;

create trigger set_updated_at before update on public.members
  for each row execute function private.set_updated_at();
