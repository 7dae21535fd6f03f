create materialized view if not exists private.cost_summary as
  select org_id, service, sum(amount) as amount, max(usage_date) as last_used
  from public.cost_records
  group by org_id, service
with data;

create unique index if not exists cost_summary_key on private.cost_summary (org_id, service);
comment on materialized view private.cost_summary is $$Refreshed by private.refresh_cost_summary(); don't query it from the API$$;
