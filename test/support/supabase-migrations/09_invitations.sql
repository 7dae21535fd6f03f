create table public.invitations (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references public.organizations (id) on delete cascade,
  email extensions.citext not null,
  role public.member_role not null default 'read_only' check (role <> 'owner'),
  token text not null unique default encode(extensions.gen_random_bytes(24), 'hex'),
  invited_by uuid references public.profiles (id) on delete set null default auth.uid(),
  expires_at timestamptz not null default now() + interval '7 days',
  accepted_at timestamptz,
  created_at timestamptz not null default now()
);
create unique index invitations_pending_idx on public.invitations (org_id, email) where accepted_at is null;
alter table public.invitations enable row level security;
create policy invitations_by_owner on public.invitations
  using (org_id in (select private.org_ids_of_user('owner')));
