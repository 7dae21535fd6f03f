-- migrate: no-transaction
create index concurrently if not exists audit_log_changed_at_idx on public.audit_log using brin (changed_at);
