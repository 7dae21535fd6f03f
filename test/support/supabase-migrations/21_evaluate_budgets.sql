-- Dollar quotes within dollar quotes within dollar quotes.
do $migration$
begin
  execute $create$
    create or replace function private.evaluate_budgets(on_day date default current_date) returns integer
    language plpgsql security definer set search_path = ''
    as $body$
    declare
      triggered integer;
    begin
      execute $sql$
        with spent as (
          select b.id as budget_id, unnest(b.thresholds) as threshold, b.amount as budget, sum(c.amount) as amount
          from public.budgets b
          join public.cost_records c on c.org_id = b.org_id and c.usage_date >= date_trunc('month', $1)
          where b.valid @> $1
          group by b.id
        ), inserted as (
          insert into public.cost_alerts (budget_id, threshold)
          select budget_id, threshold from spent where amount >= budget * threshold / 100.0
          on conflict do nothing
          returning 1
        )
        select count(*)::integer from inserted
      $sql$ into triggered using on_day;
      return triggered;
    end;
    $body$
  $create$;
end
$migration$;
