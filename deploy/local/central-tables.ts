const required = (name: string, type: string) => ({name, type, mode: 'REQUIRED'})
const nullable = (name: string, type: string) => ({name, type, mode: 'NULLABLE'})
const whole = (names: readonly string[]) => names.map(name => required(name, 'INT64'))

/**
 * The central tables that a job reads or writes by itself, as the API creates them. Source: the service's own schemas,
 * `configs/setup/bootstrap`.
 */
export const centralTables = {
  org_usage_quotas: {
    schema: {
      fields: [
        ...['usage_id', 'org_slug'].map(name => required(name, 'STRING')),
        required('usage_date', 'DATE'),
        ...whole(['pipelines_run_today', 'pipelines_succeeded_today', 'pipelines_failed_today', 'pipelines_run_month']),
        ...whole(['concurrent_pipelines_running', 'daily_limit']),
        ...['monthly_limit', 'concurrent_limit', 'seat_limit', 'providers_limit', 'max_concurrent_reached'].map(name =>
          nullable(name, 'INT64'),
        ),
        nullable('last_pipeline_completed_at', 'TIMESTAMP'),
        required('last_updated', 'TIMESTAMP'),
        required('created_at', 'TIMESTAMP'),
        nullable('updated_at', 'TIMESTAMP'),
      ],
    },
    timePartitioning: {type: 'DAY', field: 'usage_date'},
    clustering: {fields: ['org_slug']},
  },
  org_meta_pipeline_batch_runs: {
    schema: {
      fields: [
        ...['batch_run_id', 'org_slug', 'trigger_type', 'status'].map(name => required(name, 'STRING')),
        required('run_date', 'DATE'),
        required('dry_run', 'BOOL'),
        ...['categories_filter', 'providers_filter'].map(name => nullable(name, 'JSON')),
        ...whole(['orgs_processed', 'orgs_skipped', 'pipelines_triggered', 'pipelines_failed']),
        ...whole(['pipelines_skipped_quota', 'total_integrations']),
        ...['results', 'errors'].map(name => nullable(name, 'JSON')),
        required('elapsed_seconds', 'FLOAT64'),
        ...['triggered_at', 'completed_at', 'created_at'].map(name => required(name, 'TIMESTAMP')),
      ],
    },
    clustering: {fields: ['org_slug']},
  },
}
