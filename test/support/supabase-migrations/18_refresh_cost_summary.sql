create or replace function private.refresh_cost_summary() returns void
language plpgsql security definer set search_path = '' as
$_$
begin
  refresh materialized view concurrently private.cost_summary;
end;
$_$;
select private.refresh_cost_summary();
