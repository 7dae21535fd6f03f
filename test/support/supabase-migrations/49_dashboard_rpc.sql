create or replace function public.dashboard(for_org uuid, days integer default 30)
returns json
language sql
stable
security invoker
set search_path = public
set statement_timeout to '10s'
as $$
  select json_build_object(
    'total', coalesce(sum(c.amount), 0),
    'byService', coalesce(json_agg(json_build_object('service', c.service, 'amount', c.amount) order by c.amount desc), '[]'::json),
    'budgets', (select coalesce(json_agg(to_jsonb(b) - 'tags'), '[]') from budgets b where b.org_id = for_org)
  )
  from (
    select service, sum(amount) as amount
    from cost_records
    where org_id = for_org and usage_date > current_date - days
    group by rollup (service)
    having service is not null
  ) c;
$$;
notify pgrst, 'reload schema';
