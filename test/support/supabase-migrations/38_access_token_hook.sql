create or replace function public.custom_access_token_hook(event jsonb)
returns jsonb
language plpgsql
stable
as $$
declare
  claims jsonb := event -> 'claims';
begin
  claims := jsonb_set(claims, '{orgs}', coalesce(
    (select jsonb_object_agg(o.org_slug, m.role)
     from public.organization_members m join public.organizations o on o.id = m.org_id
     where m.user_id = (event ->> 'user_id')::uuid and m.status = 'active'),
    '{}'::jsonb
  ));
  return jsonb_set(event, '{claims}', claims);
end;
$$;

grant usage on schema public to supabase_auth_admin;
grant execute on function public.custom_access_token_hook to supabase_auth_admin;
revoke execute on function public.custom_access_token_hook from authenticated, anon, public;
grant select on table public.organization_members, public.organizations to supabase_auth_admin;
create policy "Allow auth admin to read memberships" on public.organization_members as permissive for select to supabase_auth_admin using (true);
create policy "Allow auth admin to read organizations" on public.organizations as permissive for select to supabase_auth_admin using (true);
