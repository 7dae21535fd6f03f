-- Währungen — 通貨 — العملات 💱
create table public.currencies (
  code char(3) primary key,
  name text not null,
  symbol text not null,
  decimals smallint not null default 2
);
insert into public.currencies (code, name, symbol, decimals) values
  ('USD', 'US Dollar', '$', 2),
  ('EUR', 'Euro', '€', 2),
  ('GBP', 'Pound Sterling', '£', 2),
  ('INR', 'भारतीय रुपया', '₹', 2),
  ('JPY', '日本円', '¥', 0),
  ('AED', 'درهم إماراتي', 'د.إ', 2),
  ('PLN', 'Złoty', 'zł', 2),
  ('CRC', 'Colón', '₡', 2),
  ('XBT', 'Bitcoin (𝔹)', '₿', 8)
on conflict do nothing;
alter table public.currencies enable row level security;
create policy "Für alle lesbar 🌍" on public.currencies for select using (true);
comment on table public.currencies is 'Codes nach ISO 4217; "XBT" isn''t one — naïve, but useful 🪙';
comment on column public.currencies.symbol is E'Printed before or after the amount: \u20ac 5, 5\u00a0z\u0142';
