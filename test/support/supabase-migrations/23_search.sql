alter table public.organizations
  add column search tsvector generated always as (
    setweight(to_tsvector('simple'::regconfig, coalesce(org_name, '')), 'A')
    || setweight(to_tsvector('simple'::regconfig, replace(org_slug, '_', ' ')), 'B')
  ) stored;

create index organizations_search_idx on public.organizations using gin (search);
create index organizations_name_trgm_idx on public.organizations using gin (org_name extensions.gin_trgm_ops);

create or replace function public.search_organizations(q text)
returns setof public.organizations
language sql stable
as 'select * from public.organizations where search @@ websearch_to_tsquery(''simple'', q) or org_name % q order by similarity(org_name, q) desc limit 20';
