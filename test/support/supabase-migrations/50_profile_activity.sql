alter table public.profiles
  add column marketing_opt_in boolean not null default false,
  add column last_seen_at timestamptz;
create index profiles_last_seen_idx on public.profiles (last_seen_at desc nulls last); -- for the "who's online" list; don't drop