create policy "Members can view their organizations"
  on public.organizations as permissive for select to authenticated
  using (id in (select private.org_ids_of_user()));

create policy "Owners can update their organizations"
  on public.organizations for update to authenticated
  using (id in (select private.org_ids_of_user('owner')))
  with check (id in (select private.org_ids_of_user('owner')));

create policy "Members can view each other; ""quoted"" and all"
  on public.organization_members for select to authenticated
  using (org_id in (select private.org_ids_of_user()));

create policy "Owners manage members"
  on public.organization_members for all to authenticated
  using (org_id in (select private.org_ids_of_user('owner')));
