-- Never readable through the API: no policy, no grant.
create table private.provider_credentials (
  provider_id uuid primary key references public.providers (id) on delete cascade,
  secret bytea not null,
  rotated_at timestamptz not null default now()
);

create or replace function private.store_credential(provider uuid, plaintext text, passphrase text) returns void
language sql security definer set search_path = '' as $$
  insert into private.provider_credentials (provider_id, secret)
  values (provider, extensions.pgp_sym_encrypt(plaintext, passphrase))
  on conflict (provider_id) do update set secret = excluded.secret, rotated_at = now();
$$;

revoke all on all functions in schema private from anon, public;
revoke all on private.provider_credentials from anon, authenticated;
grant execute on function private.store_credential to service_role;
