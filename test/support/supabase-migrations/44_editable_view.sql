create view public.my_organizations with (security_invoker = on, security_barrier) as
  select o.id, o.org_slug, o.org_name, m.role
  from public.organizations o
  join public.organization_members m on m.org_id = o.id and m.user_id = (select auth.uid());

create function public.rename_my_organization() returns trigger language plpgsql as $$
begin
  update public.organizations set org_name = new.org_name where id = old.id;
  if not found then return null; end if;
  return new;
end $$;

create trigger rename instead of update on public.my_organizations
  for each row execute function public.rename_my_organization();
create rule forget_inserts as on insert to public.my_organizations do instead nothing;
