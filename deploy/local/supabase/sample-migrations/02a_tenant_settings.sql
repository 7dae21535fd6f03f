-- What a tenant chooses for itself. A row comes with the tenant, so that nobody has to ask whether there is one.
create table public.tenant_settings (
  tenant_id uuid primary key references public.tenants (id) on delete cascade,
  default_currency text not null default 'USD' check (default_currency ~ '^[A-Z]{3}$'),
  default_timezone text not null default 'UTC',
  updated_at timestamptz not null default now()
);

alter table public.tenant_settings enable row level security;

create trigger set_updated_at before update on public.tenant_settings
  for each row execute function private.set_updated_at();

create function private.create_tenant_settings() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into public.tenant_settings (tenant_id) values (new.id);
  return null;
end;
$$;

create trigger create_tenant_settings after insert on public.tenants
  for each row execute function private.create_tenant_settings();

insert into public.tenant_settings (tenant_id)
select id from public.tenants
on conflict (tenant_id) do nothing;
