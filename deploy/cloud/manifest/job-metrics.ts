/** Metrics that Cloud Logging makes of the closing line of each attempt. */
export const runsMetric = 'cloudact_job_runs'
export const durationMetric = 'cloudact_job_duration'

/** The same in PromQL. Source: Cloud Monitoring, "Mapping Cloud Monitoring metrics to PromQL". */
export const runsSeries = `logging_googleapis_com:user_${runsMetric}`
export const durationSeries = `logging_googleapis_com:user_${durationMetric}`

/** A metric that several resource types may have is ambiguous without it. */
export const fromFunctions = 'monitored_resource="cloud_run_revision"'
export const fromSubscriptions = 'monitored_resource="pubsub_subscription"'
