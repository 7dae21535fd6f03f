create unlogged table if not exists private.rate_limits (
  bucket text not null,
  window_start timestamptz not null,
  hits integer not null default 0,
  primary key (bucket, window_start)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

create or replace function private.hit(bucket_name text, per interval, max_hits integer) returns boolean
language sql volatile security definer set search_path = ''
begin atomic
  insert into private.rate_limits as r (bucket, window_start, hits)
  values (bucket_name, date_bin(per, now(), 'epoch'), 1)
  on conflict (bucket, window_start) do update set hits = r.hits + 1
  returning hits <= max_hits;
end;
