import {createHash} from 'node:crypto'
import type {Job} from '../../../lib/job/job.ts'
import type {DesiredState} from '../resources/resource.ts'
import {alertPolicies} from './alerts.ts'
import {allApis} from './api-services.ts'
import {dashboardLayout} from './dashboard-layout.ts'
import {durationMetric, runsMetric} from './job-metrics.ts'
import type {ManifestOptions} from './manifest-options.ts'

// Every attempt ends with one line that has an outcome (lib/delivery/settle.ts).
const filter = [
  'resource.type="cloud_run_revision"',
  'resource.labels.service_name=~"^cloudact-(daily|monthly|manual)-"',
  'jsonPayload.outcome:*',
].join(' AND ')
const labels = {job: 'EXTRACT(labels.job)', outcome: 'EXTRACT(jsonPayload.outcome)'}

/** What watches over the jobs: metrics from their logs, alerts, notification channels, and one dashboard. */
export function monitoringResources(
  jobs: readonly Job[],
  options: Pick<ManifestOptions, 'target' | 'channels' | 'now'>,
): DesiredState[] {
  return [
    logMetric(runsMetric, {}),
    logMetric(durationMetric, {value: 'EXTRACT(jsonPayload.durationMilliseconds)'}),
    ...options.channels.map(
      (name): DesiredState => ({type: 'channel', name, fields: {state: 'enabled'}, after: [allApis]}),
    ),
    ...alertPolicies(jobs, options),
    dashboard(jobs),
  ]
}

function logMetric(name: string, {value}: {value?: string}): DesiredState {
  const config = {
    name,
    description: "Attempts of CloudAct's scheduled and release jobs.",
    filter,
    labelExtractors: labels,
    ...(value === undefined ? {} : {valueExtractor: value}),
    metricDescriptor: {
      metricKind: 'DELTA',
      valueType: value === undefined ? 'INT64' : 'DISTRIBUTION',
      unit: value === undefined ? '1' : 'ms',
      labels: Object.keys(labels).map(key => ({key, valueType: 'STRING'})),
    },
  }
  return {
    type: 'log-metric',
    name,
    fields: {
      filter,
      ...Object.fromEntries(Object.entries(labels).map(([label, from]) => [`label ${label}`, from])),
      ...(value === undefined ? {} : {value}),
    },
    spec: {config},
    after: [allApis],
  }
}

function dashboard(jobs: readonly Job[]): DesiredState {
  const layout = dashboardLayout(jobs)
  const hash = createHash('sha256').update(JSON.stringify(layout)).digest('hex').slice(0, 16)
  const name = 'CloudAct scheduler jobs'
  return {
    type: 'dashboard',
    name,
    fields: {content: hash},
    spec: {config: {displayName: name, labels: {config: hash}, mosaicLayout: layout}},
    after: [`log-metric ${runsMetric}`, `log-metric ${durationMetric}`],
  }
}
