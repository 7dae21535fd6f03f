create or replace function public.accept_invitation(invitation_token text)
returns uuid
language plpgsql
security definer
set search_path = public, extensions, pg_temp
as $function$
declare
  invitation public.invitations%rowtype;
begin
  select * into invitation from public.invitations where token = invitation_token for update;

  if not found then
    raise exception 'invitation not found' using errcode = 'P0002', hint = 'Ask for another one; it''s free.';
  elsif invitation.accepted_at is not null then
    raise exception 'invitation % was accepted at %', invitation.id, invitation.accepted_at using errcode = '22023';
  elsif invitation.expires_at < now() then
    raise exception 'invitation has expired' using errcode = '22023', detail = format('on %s', invitation.expires_at);
  end if;

  insert into public.organization_members (org_id, user_id, role)
  values (invitation.org_id, auth.uid(), invitation.role)
  on conflict (org_id, user_id) do update set role = greatest(excluded.role, organization_members.role);

  update public.invitations set accepted_at = now() where id = invitation.id;
  return invitation.org_id;
exception
  when foreign_key_violation then
    raise exception 'sign in first' using errcode = '28000';
end;
$function$;

revoke all on function public.accept_invitation(text) from public, anon;
grant execute on function public.accept_invitation(text) to authenticated;
