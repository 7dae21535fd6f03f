create domain public.positive_amount as numeric(14, 2) check (value > 0);
create table public.budgets (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references public.organizations (id) on delete cascade,
  name text not null check (btrim(name) <> ''),
  amount public.positive_amount not null,
  period text not null default 'monthly' check (period = any (array['monthly', 'quarterly', 'yearly'])),
  thresholds int[] not null default '{50,80,100}' check (0 < all (thresholds)),
  valid daterange not null default daterange(current_date, null),
  created_at timestamptz default now()
);
alter table public.budgets enable row level security;
create policy "budgets of my organizations" on public.budgets to authenticated
  using (org_id in (select private.org_ids_of_user()))
  with check (org_id in (select private.org_ids_of_user('collaborator')));
