create table public.api_keys (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references public.organizations (id) on delete cascade,
  prefix text not null,
  hash bytea not null unique,
  scopes text[] not null default '{read}',
  created_by uuid default auth.uid() references auth.users (id) on delete set null,
  last_used_at timestamptz,
  revoked_at timestamptz
);
alter table public.api_keys enable row level security;

create function public.create_api_key(for_org uuid, with_scopes text[] default '{read}')
returns table (key_id uuid, key text)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  plain text := 'ca_' || encode(extensions.gen_random_bytes(20), 'hex');
begin
  if for_org not in (select private.org_ids_of_user('owner')) then
    raise insufficient_privilege using message = 'only owners create keys';
  end if;
  return query
    insert into public.api_keys (org_id, prefix, hash, scopes)
    values (for_org, left(plain, 7), extensions.digest(plain, 'sha256'), with_scopes)
    returning id, plain;
end;
$$;
revoke execute on function public.create_api_key(uuid, text[]) from public, anon;
