create extension if not exists ltree with schema extensions;

create table public.cost_centers (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references public.organizations (id) on delete cascade,
  parent_id uuid references public.cost_centers (id) on delete restrict deferrable initially deferred,
  name text not null,
  path extensions.ltree,
  unique (org_id, path)
);
create index cost_centers_path_idx on public.cost_centers using gist (path);
alter table public.cost_centers enable row level security;
create policy "cost centers of my organizations" on public.cost_centers to authenticated using (org_id in (select private.org_ids_of_user()));

create or replace function public.cost_center_descendants(root uuid)
returns table (id uuid, name text, depth int) language sql stable as $$
  with recursive tree as (
    select c.id, c.name, 0 as depth from public.cost_centers c where c.id = root
    union all
    select c.id, c.name, tree.depth + 1 from public.cost_centers c join tree on c.parent_id = tree.id
  ) cycle id set is_cycle using visited
  select tree.id, tree.name, tree.depth from tree where not is_cycle
$$;
