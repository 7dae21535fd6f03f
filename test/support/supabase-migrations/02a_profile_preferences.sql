-- Added after launch: the older runner skipped this file because of its letter
alter table public.profiles add column if not exists locale text not null default 'en-US';
alter table public.profiles add column if not exists timezone text not null default 'UTC'