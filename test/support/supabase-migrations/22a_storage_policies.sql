create policy "Avatar images are publicly accessible." on storage.objects
  for select using (bucket_id = 'avatars');

create policy "Anyone can upload an avatar." on storage.objects
  for insert to authenticated
  with check (bucket_id = 'avatars' and (storage.foldername(name))[1] = (select auth.uid()::text) and storage.extension(name) in ('png', 'jpg', 'jpeg', 'webp'));

create policy "Anyone can update their own avatar." on storage.objects
  for update to authenticated
  using ((select auth.uid()) = owner) with check (bucket_id = 'avatars');

drop policy if exists "Members read their invoices" on storage.objects;
create policy "Members read their invoices" on storage.objects for select to authenticated
using (
  bucket_id = 'invoices'
  and exists (
    select 1 from public.organizations o
    where o.org_slug = (storage.foldername(objects.name))[1]
      and o.id in (select private.org_ids_of_user())
  )
);
