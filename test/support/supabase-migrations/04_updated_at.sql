create or replace function public.set_updated_at() returns trigger as $set_updated_at$
begin
  if row(new.*) is distinct from row(old.*) then
    new.updated_at = now();
  end if;
  return new;
end
$set_updated_at$ language plpgsql;

create or replace trigger profiles_updated_at before update on public.profiles
  for each row execute function public.set_updated_at();
