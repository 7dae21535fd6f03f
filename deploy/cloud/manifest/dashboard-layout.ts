import type {Job} from '../../../lib/job/job.ts'
import {deadLettersTopic} from '../../../lib/job/job-name.ts'
import {durationSeries, fromFunctions, fromSubscriptions, runsSeries} from './job-metrics.ts'

type Tile = {xPos: number; yPos: number; width: number; height: number; widget: Record<string, unknown>}

/** The dashboard: runs by outcome, durations, dead letters, backlog, schedule. Source: Monitoring, MosaicLayout. */
export function dashboardLayout(jobs: readonly Job[]): {columns: number; tiles: Tile[]} {
  const backlog = 'pubsub_googleapis_com:subscription'
  const dead = `${fromSubscriptions},subscription_id="${deadLettersTopic}"`
  return {
    columns: 48,
    tiles: [
      chart(0, 0, 'Runs by outcome', `sum by (job, outcome) (increase(${runsSeries}{${fromFunctions}}[1h]))`),
      chart(
        24,
        0,
        'Duration of an attempt, 95th percentile, ms',
        `histogram_quantile(0.95, sum by (job, le) (increase(${durationSeries}_bucket{${fromFunctions}}[1d])))`,
      ),
      chart(0, 16, 'Dead letters to review', `max(${backlog}_num_undelivered_messages{${dead}})`),
      chart(
        24,
        16,
        'Oldest message not acknowledged, seconds',
        `max by (subscription_id) (${backlog}_oldest_unacked_message_age{${fromSubscriptions}})`,
      ),
      {
        xPos: 0,
        yPos: 32,
        width: 48,
        height: 16,
        widget: {title: 'Schedule (UTC)', text: {format: 'MARKDOWN', content: scheduleTable(jobs)}},
      },
    ],
  }
}

function chart(xPos: number, yPos: number, title: string, prometheusQuery: string): Tile {
  const dataSets = [{plotType: 'LINE', timeSeriesQuery: {prometheusQuery}}]
  return {xPos, yPos, width: 24, height: 16, widget: {title, xyChart: {dataSets}}}
}

function scheduleTable(jobs: readonly Job[]): string {
  const rows = jobs.map(({name, schedule, summary}) => `| ${name} | ${schedule ?? 'by hand'} | ${summary} |`)
  return ['| Job | Schedule | Does |', '| --- | --- | --- |', ...rows].join('\n')
}
