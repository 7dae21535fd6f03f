-- Repeatable: the column may have been renamed by hand in one of the projects.
do $$ begin
  if exists (
    select 1 from information_schema.columns
    where table_schema = 'public' and table_name = 'providers' and column_name = 'display_name'
  ) then
    alter table public.providers rename column display_name to label;
  end if;
end $$;
