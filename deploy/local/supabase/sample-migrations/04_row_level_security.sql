-- A policy on members that reads members would call itself: this function reads them with its owner's rights.
-- Roles are in order of their power, so that "at least editor" is a comparison.
create function private.is_member(tenant uuid, at_least public.member_role default 'viewer') returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select exists (
    select from public.members
    where members.tenant_id = tenant
      and members.user_id = (select auth.uid())
      and members.role >= at_least
  );
$$;

revoke all on function private.is_member(uuid, public.member_role) from public, anon;
grant usage on schema private to authenticated;
grant execute on function private.is_member(uuid, public.member_role) to authenticated;

create policy "Members see their tenants" on public.tenants
  for select to authenticated
  using (private.is_member(id));

create policy "Admins change their tenants" on public.tenants
  for update to authenticated
  using (private.is_member(id, 'admin'))
  with check (private.is_member(id, 'admin'));

-- Its slug and its status belong to the API service, which uses the service role.
revoke insert, update, delete on public.tenants from anon, authenticated;
grant update (company_name) on public.tenants to authenticated;

create policy "Members see their tenants' settings" on public.tenant_settings
  for select to authenticated
  using (private.is_member(tenant_id));

create policy "Editors change their tenants' settings" on public.tenant_settings
  for update to authenticated
  using (private.is_member(tenant_id, 'editor'))
  with check (private.is_member(tenant_id, 'editor'));

create policy "Members see each other" on public.members
  for select to authenticated
  using (private.is_member(tenant_id));

-- An admin manages everybody below an owner, themselves included; owners are made and unmade by owners.
create policy "Admins add members" on public.members
  for insert to authenticated
  with check (private.is_member(tenant_id, case when role = 'owner' then 'owner' else 'admin' end::public.member_role));

create policy "Admins change members" on public.members
  for update to authenticated
  using (private.is_member(tenant_id, case when role = 'owner' then 'owner' else 'admin' end::public.member_role))
  with check (private.is_member(tenant_id, case when role = 'owner' then 'owner' else 'admin' end::public.member_role));

create policy "Admins remove members" on public.members
  for delete to authenticated
  using (private.is_member(tenant_id, case when role = 'owner' then 'owner' else 'admin' end::public.member_role));
