-- On Supabase, `postgres` may put policies and triggers on the tables of auth, storage and realtime, and change nothing
-- else about them: supautils lets just these commands past the owner check. Here `postgres` is a member of the owners,
-- and two event triggers refuse the rest in Postgres' words.
grant supabase_auth_admin, supabase_storage_admin, supabase_realtime_admin to postgres with inherit true, set false;

create function extensions.refuse_unless_owner(object_type text, identity text) returns void language plpgsql as $$
begin
  raise exception 'must be owner of % %', object_type, split_part(identity, '.', 2) using errcode = '42501';
end
$$;

create function extensions.guard_platform_ddl() returns event_trigger language plpgsql as $$
declare
  command record;
begin
  if (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
    return;
  end if;
  for command in
    select object_type, object_identity from pg_catalog.pg_event_trigger_ddl_commands()
    where schema_name in ('auth', 'storage', 'realtime') and object_type not in ('policy', 'trigger')
  loop
    perform extensions.refuse_unless_owner(command.object_type, command.object_identity);
  end loop;
end
$$;

create function extensions.guard_platform_drop() returns event_trigger language plpgsql as $$
declare
  dropped record;
begin
  if (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
    return;
  end if;
  for dropped in
    select object_type, object_identity from pg_catalog.pg_event_trigger_dropped_objects()
    where schema_name in ('auth', 'storage', 'realtime') and object_type not in ('policy', 'trigger')
  loop
    perform extensions.refuse_unless_owner(dropped.object_type, dropped.object_identity);
  end loop;
end
$$;

create event trigger guard_platform_ddl on ddl_command_end execute function extensions.guard_platform_ddl();
create event trigger guard_platform_drop on sql_drop execute function extensions.guard_platform_drop();
