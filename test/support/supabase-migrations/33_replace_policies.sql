drop policy if exists "members read" on public.providers;
drop policy if exists "a policy that never existed" on public.providers;
create policy "providers: members read" on public.providers for select to authenticated using (org_id in (select private.org_ids_of_user()));
alter policy "collaborators write" on public.providers rename to "providers: collaborators write";
create policy "providers: suspended users do nothing" on public.providers as restrictive to authenticated
  using (not exists (select from public.organization_members m where m.user_id = (select auth.uid()) and m.status = 'suspended'))
