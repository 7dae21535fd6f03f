create schema if not exists private;
grant usage on schema private to authenticated, service_role;

/* Policies that ask for membership must not run into the policy of the table they ask:
   /* hence */ security definer. */
create or replace function private.org_ids_of_user(min_role public.member_role default 'read_only')
returns setof uuid
language sql stable security definer
set search_path to ''
as $function$
  select org_id
  from public.organization_members
  where user_id = (select auth.uid()) and status = 'active' and role >= min_role;
$function$;

revoke execute on function private.org_ids_of_user(public.member_role) from public, anon;
grant execute on function private.org_ids_of_user(public.member_role) to authenticated, service_role;
