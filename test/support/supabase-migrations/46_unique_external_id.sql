-- migrate: no-transaction
-- On a table that is written to all day; a lock would stop the webhooks.
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS billing_events_subscription_key
  ON public.billing_events (subscription_id, type, received_at)
  WHERE subscription_id IS NOT NULL
