import type {Job} from '../../lib/job/job.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import {exitCodeOf} from '../runs/run-report.ts'
import type {WouldPublish} from './dry-run.ts'

/** What `publish --json` prints: one object, the same keys whether or not the run is over. */
export function publishResult(what: {
  readonly job: Job
  readonly environment: TargetEnvironment
  readonly runId: string
  readonly args: Readonly<Record<string, unknown>>
  readonly dryRun?: boolean
  readonly wouldPublish?: WouldPublish
  readonly messageId?: string
  readonly entry?: LedgerEntry
  readonly attempts?: number
  readonly totalMilliseconds?: number
}): Record<string, unknown> {
  const {job, environment, entry} = what
  return {
    environment: environment.name,
    project: environment.projectId,
    job: job.name,
    context: job.context,
    runId: what.runId,
    args: what.args,
    dryRun: what.dryRun ?? false,
    wouldPublish: what.wouldPublish ?? null,
    messageId: what.messageId ?? null,
    outcome: entry?.event ?? null,
    summary: entry?.summary ?? entry?.error?.message ?? null,
    counts: entry?.counts ?? {},
    errors: entry?.error?.details ?? [],
    deadLetter: entry?.error?.deadLetterId ?? null,
    attempts: what.attempts ?? 0,
    durationMilliseconds: what.totalMilliseconds ?? null,
    exitCode: entry === undefined ? null : exitCodeOf(entry),
  }
}
