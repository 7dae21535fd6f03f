-- Written on Windows: every line ends with CR LF
create table public.onboarding_steps (
  user_id uuid not null references auth.users (id) on delete cascade,
  step text not null default 'welcome',
  done_at timestamptz,
  primary key (user_id, step)
);
alter table public.onboarding_steps enable row level security;
create policy "own steps" on public.onboarding_steps to authenticated using (user_id = (select auth.uid()));

create function public.next_step() returns text language sql stable as $$
  select step from public.onboarding_steps where user_id = auth.uid() and done_at is null order by step limit 1;
$$;
