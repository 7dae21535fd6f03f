import type {Job} from './job.ts'

/** The project of the environment `local`. */
const sandboxProject = 'cloudact-local'

/** What a person checks before a run with an unknown outcome runs again; undefined: its job may be repeated anyway. */
export function manualCheckOf(job: Job, projectId: string): string | undefined {
  return projectId === sandboxProject ? (job.sandboxCheck ?? job.manualCheck) : job.manualCheck
}

/**
 * The reason for an unknown outcome without what to check, for where that stands beside it. What a release recorded that
 * had another text stays whole.
 */
export function withoutManualCheck(reason: string, job: Job | undefined): string {
  for (const check of [job?.manualCheck, job?.sandboxCheck]) {
    const at = check === undefined ? -1 : reason.indexOf(` ${check}`)
    if (at > 0) return reason.slice(0, at)
  }
  return reason
}
