create or replace function private.audit() returns trigger
language plpgsql security definer set search_path = ''
as $audit$
begin
  insert into public.audit_log (table_name, operation, old_row, new_row)
  values (
    tg_table_name,
    tg_op,
    case when tg_op in ('UPDATE', 'DELETE') then to_jsonb(old) - 'settings' end,
    case when tg_op in ('INSERT', 'UPDATE') then to_jsonb(new) - 'settings' end
  );
  return coalesce(new, old);
end;
$audit$;

do $$
declare
  audited regclass;
begin
  foreach audited in array array['public.organizations', 'public.organization_members', 'public.providers']::regclass[] loop
    execute format('drop trigger if exists audit on %s', audited);
    execute format('create trigger audit after insert or update or delete on %s for each row execute function private.audit()', audited);
  end loop;
end $$;
