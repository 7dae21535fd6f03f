import type {TableSet} from './table-set.ts'

/** What one release of the service expects to find: a later one with more tables makes everything OUT_OF_SYNC. */
export type Release = {
  readonly version: string
  /** Of the central dataset, `organizations`. */
  readonly centralTables: TableSet
  /** Of each organization's own dataset. */
  readonly organizationTables: TableSet
  readonly organizationViews: readonly string[]
}

/** The release that the sandbox runs unless told otherwise, with the service's own table names. */
export function defaultRelease(): Release {
  return {version: '4.4.5', centralTables, organizationTables, organizationViews}
}

const run = ['org_slug', 'status', 'started_at', 'completed_at', 'duration_ms', 'error_message', 'created_at']
const event = ['org_slug', 'created_at', 'created_by']
const edited = [...event, 'updated_at', 'is_active']

const centralTables: TableSet = {
  org_profiles: [
    ...['org_slug', 'company_name', 'admin_email', 'org_dataset_id', 'status', 'subscription_plan'],
    ...['default_currency', 'default_timezone', 'created_at', 'updated_at'],
  ],
  org_api_keys: ['org_api_key_id', 'org_api_key_hash', 'encrypted_api_key', 'expires_at', 'last_used_at', ...edited],
  org_subscriptions: ['subscription_id', 'plan_name', 'daily_limit', 'monthly_limit', 'concurrent_limit', ...edited],
  org_usage_quotas: [
    ...['usage_id', 'org_slug', 'usage_date', 'pipelines_run_today', 'pipelines_succeeded_today'],
    ...['pipelines_failed_today', 'pipelines_run_month', 'concurrent_pipelines_running', 'daily_limit'],
    ...['monthly_limit', 'concurrent_limit', 'seat_limit', 'providers_limit', 'max_concurrent_reached'],
    ...['last_pipeline_completed_at', 'last_updated', 'created_at', 'updated_at'],
  ],
  org_integration_credentials: ['credential_id', 'provider', 'encrypted_credential', 'validation_status', ...edited],
  org_pipeline_configs: ['config_id', 'provider', 'domain', 'schedule_cron', 'parameters', ...edited],
  org_scheduled_pipeline_runs: ['run_id', 'config_id', 'scheduled_time', 'state', 'retry_count', ...run],
  org_pipeline_execution_queue: ['queue_id', 'run_id', 'scheduled_time', 'state', 'priority', ...event],
  org_meta_pipeline_runs: ['pipeline_logging_id', 'pipeline_id', 'trigger_type', 'start_time', 'end_time', ...run],
  org_meta_step_logs: ['step_logging_id', 'pipeline_logging_id', 'step_name', 'step_index', 'rows_processed', ...run],
  org_meta_state_transitions: ['transition_id', 'entity_type', 'from_state', 'to_state', 'transition_time', ...event],
  org_meta_dq_results: ['dq_result_id', 'pipeline_logging_id', 'ingestion_date', 'overall_status', ...event],
  org_audit_logs: ['audit_id', 'action', 'resource_type', 'resource_id', 'user_id', 'details', ...event],
  org_cost_tracking: ['cost_id', 'usage_date', 'resource_type', 'provider', 'amount', 'currency', ...event],
  org_idempotency_keys: ['idempotency_key', 'response_data', 'expires_at', ...event],
  org_notification_channels: ['channel_id', 'channel_type', 'name', 'configuration', ...edited],
  org_notification_rules: ['rule_id', 'rule_category', 'rule_type', 'threshold', 'channel_ids', ...edited],
  org_notification_summaries: ['summary_id', 'summary_type', 'schedule_cron', 'recipients', ...edited],
  org_notification_history: ['notification_id', 'rule_id', 'notification_type', 'status', 'sent_at', ...event],
  org_scheduled_alerts: ['alert_id', 'alert_type', 'conditions', 'cooldown_hours', 'is_enabled', ...edited],
  org_alert_history: ['alert_history_id', 'alert_id', 'status', 'trigger_data', 'recipients', ...event],
  org_hierarchy_levels: ['level_id', 'level', 'level_code', 'level_name', 'parent_level', ...edited],
  org_budgets: ['budget_id', 'hierarchy_entity_id', 'hierarchy_path', 'budget_amount', 'period_type', ...edited],
  org_budget_allocations: ['allocation_id', 'parent_budget_id', 'child_budget_id', 'allocated_amount', ...event],
  org_chat_settings: ['setting_id', 'provider', 'credential_id', 'model_id', 'temperature', ...edited],
  org_chat_conversations: ['conversation_id', 'user_id', 'title', 'message_count', ...event],
  org_chat_messages: ['message_id', 'conversation_id', 'role', 'content', 'agent_name', ...event],
  org_chat_tool_calls: ['tool_call_id', 'message_id', 'tool_name', 'duration_ms', ...event],
  org_meta_pipeline_batch_runs: [
    ...['batch_run_id', 'org_slug', 'trigger_type', 'status', 'run_date', 'dry_run', 'categories_filter'],
    ...['providers_filter', 'orgs_processed', 'orgs_skipped', 'pipelines_triggered', 'pipelines_failed'],
    ...['pipelines_skipped_quota', 'total_integrations', 'results', 'errors', 'elapsed_seconds'],
    ...['triggered_at', 'completed_at', 'created_at'],
  ],
  org_hierarchy: ['entity_id', 'entity_name', 'level', 'level_code', 'parent_id', 'path', ...edited],
}

const lineage = ['x_org_slug', 'x_pipeline_id', 'x_run_id', 'x_ingested_at']
const billing = ['billing_date', 'service', 'usage_quantity', 'cost', 'currency', ...lineage]

const organizationTables: TableSet = {
  cloud_aws_billing_raw_daily: ['linked_account_id', 'usage_type', ...billing],
  cloud_azure_billing_raw_daily: ['subscription_id', 'meter_id', ...billing],
  cloud_gcp_billing_raw_daily: ['project_id', 'sku_id', ...billing],
  cloud_oci_billing_raw_daily: ['compartment_id', 'sku_part_number', ...billing],
  contract_commitment_1_3: ['ContractCommitmentId', 'ContractCommitmentCost', 'BillingCurrency', ...lineage],
  cost_data_standard_1_3: [
    ...['BilledCost', 'EffectiveCost', 'BillingCurrency', 'ChargePeriodStart', 'ChargePeriodEnd'],
    ...['ServiceName', 'ServiceCategory', 'ProviderName', 'SubAccountId', ...lineage],
  ],
  genai_costs_daily_unified: ['cost_date', 'provider', 'model', 'cost_type', 'total_cost_usd', ...lineage],
  genai_payg_costs_daily: ['cost_date', 'provider', 'model', 'input_cost_usd', 'output_cost_usd', ...lineage],
  genai_payg_pricing: ['provider', 'model', 'input_per_1m', 'output_per_1m', 'effective_from', ...lineage],
  genai_payg_usage_raw: ['usage_date', 'provider', 'model', 'input_tokens', 'output_tokens', ...lineage],
  genai_usage_daily_unified: ['usage_date', 'provider', 'model', 'usage_quantity', 'usage_unit', ...lineage],
  subscription_plan_costs_daily: ['cost_date', 'plan_name', 'provider', 'daily_cost', 'currency', ...lineage],
  subscription_plans: ['plan_id', 'plan_name', 'provider', 'seats', 'unit_price', 'billing_cycle', ...lineage],
}

const organizationViews: readonly string[] = [
  'x_org_hierarchy_mv',
  'x_notification_stats_mv',
  'x_pipeline_exec_logs_mv',
]
