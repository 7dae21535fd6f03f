create policy "members receive their organization's broadcasts" on realtime.messages
  for select to authenticated
  using (
    realtime.messages.extension in ('broadcast', 'presence')
    and (select realtime.topic()) in (select 'org:' || org_id from private.org_ids_of_user() as org_id)
  );

do $$
begin
  if not exists (select 1 from pg_publication_tables where pubname = 'supabase_realtime' and tablename = 'cost_alerts') then
    alter publication supabase_realtime add table public.cost_alerts;
  end if;
end;
$$;
