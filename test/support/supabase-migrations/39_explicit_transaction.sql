-- As pg_dump's friends write them: the file brings its own transaction.
BEGIN;

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '30s';

ALTER TABLE public.budgets ADD COLUMN archived_at timestamptz;
SAVEPOINT before_index;
CREATE INDEX budgets_active_idx ON public.budgets (org_id) WHERE archived_at IS NULL;
RELEASE SAVEPOINT before_index;

COMMIT;
