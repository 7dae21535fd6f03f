create table public.cost_records (
  usage_date date not null,
  org_id uuid not null references public.organizations (id) on delete cascade,
  provider_id uuid references public.providers (id) on delete set null,
  service text not null,
  quantity numeric(20, 6) not null default 0,
  unit_price numeric(20, 10) not null default 0,
  amount numeric generated always as (round(quantity * unit_price, 6)) stored,
  labels jsonb not null default '{}'::jsonb,
  primary key (usage_date, org_id, service)
) partition by range (usage_date);

-- One partition a month, for a year
do $do$
declare
  month date;
begin
  for month in select generate_series(date '2026-01-01', date '2026-12-01', interval '1 month')::date loop
    execute format(
      $sql$create table if not exists public.%I partition of public.cost_records for values from (%L) to (%L)$sql$,
      'cost_records_' || to_char(month, 'YYYYMM'), month, month + interval '1 month'
    );
    execute format('alter table public.%I enable row level security', 'cost_records_' || to_char(month, 'YYYYMM'));
  end loop;
end
$do$;

-- Whatever is older or newer
create table public.cost_records_rest partition of public.cost_records default;
alter table public.cost_records_rest enable row level security;

create index cost_records_org_idx on public.cost_records (org_id, usage_date desc) include (amount);
alter table public.cost_records enable row level security;
create policy cost_records_read on public.cost_records for select to authenticated
  using (org_id in (select private.org_ids_of_user()));
