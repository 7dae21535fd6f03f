create or replace view public.monthly_costs with (security_invoker = on) as
select
  org_id,
  date_trunc('month', usage_date)::date as month,
  sum(amount) as amount,
  sum(amount) filter (where service ilike '%compute%') as compute_amount,
  count(distinct service) as services
from public.cost_records
group by 1, 2;

create or replace view public.cost_trends with (security_invoker = true) as
select
  *,
  lag(amount) over by_month as previous_amount,
  round(100 * (amount - lag(amount) over by_month) / nullif(lag(amount) over by_month, 0), 2) as "change %"
from public.monthly_costs
window by_month as (partition by org_id order by month);

grant select on public.monthly_costs, public.cost_trends to authenticated;
