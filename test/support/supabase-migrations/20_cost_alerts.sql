-- Shares its number with 20_budgets.sql, which sorts first: b < c.
create table public.cost_alerts (
  id uuid primary key default gen_random_uuid(),
  budget_id uuid not null references public.budgets (id) on delete cascade,
  threshold int not null,
  triggered_at timestamptz not null default now(),
  day date generated always as ((triggered_at at time zone 'UTC')::date) stored,
  unique (budget_id, threshold, day)
);
alter table public.cost_alerts enable row level security;
create policy "alerts of my budgets" on public.cost_alerts for select to authenticated
  using (exists (select 1 from public.budgets b where b.id = budget_id));
