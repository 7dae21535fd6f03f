import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import type {FollowedRun, PlannedRun} from '../publish/publish-run.ts'
import {exitCodeOf} from '../runs/run-report.ts'

/** The steps of a release, in their order: the database before the frontend, the rest after the API. */
export const stepNames = ['migrate', 'deploy', 'bootstrap', 'org-sync-all'] as const
export type StepName = (typeof stepNames)[number]

/** The job of each step; `deploy` is done by people: the frontend and the API. */
export const stepJobs: Readonly<Record<StepName, string | undefined>> = {
  migrate: 'supabase-migrate',
  deploy: undefined,
  bootstrap: 'bootstrap',
  'org-sync-all': 'org-sync-all',
}

/** How far a step of a release is. */
export type StepResult =
  | {readonly step: StepName; readonly state: 'left out' | 'not begun'}
  | {readonly step: StepName; readonly state: 'done'; readonly note: string; readonly milliseconds: number}
  /** A dry run of a step that has none, or that would act on more than this machine: what a real run would do. */
  | {readonly step: StepName; readonly state: 'not run'; readonly note: string}
  | {readonly step: StepName; readonly state: 'stopped'; readonly note: string; readonly exitCode: ExitCode}
  | {readonly step: StepName; readonly state: 'ran'; readonly planned: PlannedRun; readonly followed: FollowedRun}

/** What a step means for the release: anything but 0 stops it. */
export function exitCodeOfStep(result: StepResult): ExitCode {
  if (result.state === 'stopped') return result.exitCode
  if (result.state !== 'ran') return exitCodes.done
  const {progress} = result.followed
  return progress.state === 'over' ? exitCodeOf(progress.entry) : exitCodes.failed
}
