create policy api_keys_select on public.api_keys for select to authenticated using (org_id in (select private.org_ids_of_user('collaborator')));
create policy api_keys_revoke on public.api_keys for update to authenticated using (org_id in (select private.org_ids_of_user('owner'))) with check (revoked_at is not null);
revoke select on public.api_keys from authenticated;
grant select (id, org_id, prefix, scopes, created_by, last_used_at, revoked_at), update (revoked_at) on public.api_keys to authenticated;
