/** Metrics that Cloud Logging makes of the closing line of each attempt. */
export const runsMetric = 'cloudact_job_runs'
export const durationMetric = 'cloudact_job_duration'
