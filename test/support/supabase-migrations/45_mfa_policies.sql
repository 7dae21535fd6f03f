create policy "owners with a second factor only" on public.api_keys as restrictive for update to authenticated
  using (
    array[(select auth.jwt() ->> 'aal')] <@ (
      select case when count(id) > 0 then array['aal2'] else array['aal1', 'aal2'] end as aal
      from auth.mfa_factors
      where (select auth.uid()) = user_id and status = 'verified'
    )
  );
alter table public.api_keys force row level security;
