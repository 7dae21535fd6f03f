create table public.billing_events (
  id text primary key, -- the provider's event id, so that a webhook may come twice
  org_id uuid references public.organizations (id) on delete set null,
  type text not null,
  payload jsonb not null,
  subscription_id text generated always as (payload #>> '{data,object,id}') stored,
  received_at timestamptz not null default now(),
  processed_at timestamptz
);
create index billing_events_payload_idx on public.billing_events using gin (payload jsonb_path_ops);
create index billing_events_todo_idx on public.billing_events (received_at) where processed_at is null;
alter table public.billing_events enable row level security;

create or replace function private.apply_billing_event() returns trigger language plpgsql security definer set search_path = '' as $fn$
begin
  if jsonb_path_exists(new.payload, '$.data.object.items[*] ? (@.quantity > 0)') then
    update public.organizations
    set plan = case new.payload #>> '{data,object,plan}' when 'price_scale' then 'scale' when 'price_pro' then 'professional' else 'starter' end::public.org_plan
    where id = new.org_id;
  end if;
  new.processed_at := now();
  return new;
end
$fn$;
create trigger apply_billing_event before insert on public.billing_events for each row when (new.type like 'customer.subscription.%') execute function private.apply_billing_event();
