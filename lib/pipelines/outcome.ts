import type {PipelinesResult} from '../admin-api/pipeline-operations.ts'
import {degraded, failed, type Outcome, succeeded} from '../job/outcome.ts'
import {plural} from '../log/plural.ts'
import {toPrintableLine} from '../log/printable.ts'
import {publishCommand} from '../run/publish-command.ts'

/** What the API's answer and its row in BigQuery both say of a run over the pipelines. */
export type PipelineReport = Omit<PipelinesResult, 'success' | 'batch_run_id' | 'message'>

type Asked = {
  readonly projectId: string
  readonly date: string
  readonly dryRun: boolean
  /** Whether categories or providers were named: then nothing found may be a slip. */
  readonly isFiltered: boolean
}

/** Both lists of the API are cut; this many it shows. */
const maxNames = 100

/** Failed pipelines, skipped ones and organizations with errors are degraded, each by name, with how to repeat it. */
export function toPipelinesOutcome(report: PipelineReport, asked: Asked): Outcome {
  const counts = {
    orgsProcessed: report.orgs_processed,
    orgsSkipped: report.orgs_skipped,
    integrations: report.total_integrations,
    pipelinesTriggered: report.pipelines_triggered,
    pipelinesFailed: report.pipelines_failed,
    pipelinesOverQuota: report.pipelines_skipped_quota,
    orgsFailed: report.errors.length,
  }
  const verb = asked.dryRun ? 'would be triggered' : 'triggered'
  const done = `${asked.dryRun ? 'dry run: ' : ''}${counts.pipelinesTriggered} of ${plural(counts.integrations, 'pipeline')} of ${asked.date} ${verb}, in ${plural(counts.orgsProcessed, 'organization')}`
  const bad = [
    ...(counts.pipelinesFailed > 0 ? [`${counts.pipelinesFailed} failed`] : []),
    ...(counts.pipelinesOverQuota > 0 ? [plural(counts.pipelinesOverQuota, 'was over quota', 'were over quota')] : []),
    ...(counts.orgsFailed > 0 ? [`${plural(counts.orgsFailed, 'organization')} had errors`] : []),
  ]
  if (bad.length > 0) {
    return degraded(`${done}; ${bad.join(', ')}`, counts, {errors: errorLines(report, asked)})
  }
  if (counts.integrations === 0 && asked.isFiltered) {
    const summary = `${done}: no integration has these categories and providers; check their spelling`
    return failed(summary, counts)
  }
  return succeeded(done, counts)
}

function errorLines(report: PipelineReport, asked: Asked): string[] {
  const command = (orgSlug: string, providers: readonly string[]) =>
    publishCommand('pipelines', asked.projectId, [
      `orgSlug=${orgSlug}`,
      ...providers.map(provider => `providers=${provider}`),
      `date=${asked.date}`,
      ...(asked.dryRun ? ['dryRun=true'] : []),
    ])
  const bad = report.results.filter(({status}) => status !== 'triggered' && status !== 'dry_run')
  const byOrganization = Map.groupBy(bad, ({org_slug}) => org_slug)
  const lines = [...byOrganization].map(([orgSlug, results]) => {
    const what = results.map(({provider, status, http_status, detail}) => {
      const why = [
        ...(http_status === undefined ? [] : [`HTTP ${http_status}`]),
        ...(detail ? [toPrintableLine(detail, 100)] : []),
      ].join(': ')
      return `${provider} ${status}${why === '' ? '' : ` (${why})`}`
    })
    const repeat = command(orgSlug, [...new Set(results.map(({provider}) => provider))])
    // The command first: a long line is cut at its end.
    return `${orgSlug}, repeat just these: ${repeat}: ${what.join(', ')}`
  })
  for (const {org_slug, error} of report.errors) {
    lines.push(`${org_slug}, repeat just this one: ${command(org_slug, [])}: ${error}`)
  }
  const unlisted = report.pipelines_failed + report.pipelines_skipped_quota - bad.length
  if (unlisted > 0) {
    lines.push(
      `and ${plural(unlisted, 'more pipeline')}, beyond the ${maxNames} results that the API lists: check its logs`,
    )
  }
  return lines
}
