alter default privileges in schema public revoke execute on functions from anon;
alter default privileges for role postgres in schema private revoke all on functions from public;
revoke truncate, references, trigger on all tables in schema public from anon, authenticated;
grant usage on all sequences in schema public to service_role;
grant select on all tables in schema private to service_role;
