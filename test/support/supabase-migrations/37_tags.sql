create table public.tags (
  org_id uuid not null references public.organizations (id) on delete cascade,
  name text collate "C" not null,
  color text not null default '#888888' check (color ~* '^#[0-9a-f]{6}$'),
  primary key (org_id, name)
);
alter table public.tags enable row level security;
create policy "tags of my organizations" on public.tags to authenticated using (org_id = any (array(select private.org_ids_of_user())));
alter table public.budgets add column tags text[] not null default '{}', add constraint few_tags check (cardinality(tags) <= 20);
create index budgets_tags_idx on public.budgets using gin (tags)
-- the last statement of this file has no semicolon, and a comment behind it
