create table private.cost_archive (like public.cost_records including defaults including constraints);

create or replace procedure private.archive_costs(before date)
language plpgsql
as $procedure$
declare
  batch integer;
begin
  loop
    with moved as (
      delete from public.cost_records
      where (usage_date, org_id, service) in (
        select usage_date, org_id, service from public.cost_records where usage_date < before limit 1000
      )
      returning usage_date, org_id, provider_id, service, quantity, unit_price, amount, labels
    )
    insert into private.cost_archive select * from moved;
    get diagnostics batch = row_count;
    raise notice 'archived % rows', batch;
    exit when batch = 0;
    commit;
  end loop;
end;
$procedure$;
