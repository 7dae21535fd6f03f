create table public.feature_flags (
  key text primary key,
  description text,
  rollout real not null default 0 check (rollout between 0 and 1),
  rules jsonb not null default '[]'
);
alter table public.feature_flags enable row level security;
create policy "flags are public" on public.feature_flags for select to anon, authenticated using (true);

insert into public.feature_flags (key, description, rollout, rules) values
  ('semicolons', 'one; two; three;', 1, '[]'),
  ('comments', 'not -- a comment, /* nor this */', 0.5, '[{"if": "plan = ''scale''"}]'),
  ('dollars', 'costs $1, $$2$$ or $tag$3$tag$', 0, '[]'),
  ('escapes', E'a tab\there, a line\nbreak, a back\\slash and it\'s fine', 0, '[{"regex": "^\\\\d+$"}]'),
  ('standard', 'a back\slash stays', 0, '{"unicode": "\u20ac"}'),
  (U&'d\0061t\+000061', 'unicode escapes', 0, '[]'),
  ('joined', 'one '
             'string', 0.25, '[]');
