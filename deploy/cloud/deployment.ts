import {toMessageText} from '../../lib/log/error-text.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import type {Gcloud} from './gcloud/gcloud.ts'
import {GcloudError} from './gcloud/gcloud-error.ts'
import {describeMissingPermission} from './gcloud/permission-fix.ts'
import {readProjectNumber} from './gcloud/project-number.ts'
import {buildManifest} from './manifest/manifest.ts'
import type {ManifestOptions} from './manifest/manifest-options.ts'
import {applySteps, type StepResult} from './plan/apply.ts'
import {createApply} from './plan/apply-step.ts'
import {type Plan, planChanges} from './plan/plan.ts'
import {readDeployed} from './plan/read-deployed.ts'
import {type Wait, whileBusy} from './plan/retry.ts'
import type {LedgerTables} from './resources/ledger-tables.ts'

export type DeploymentOptions = Omit<ManifestOptions, 'projectNumber'> & {
  readonly gcloud: Gcloud
  readonly ledger: LedgerTables
  readonly removeLegacy: boolean
  readonly wait: Wait
  readonly random: () => number
}

/** Reads what is there and says what has to be done. @throws Error in one sentence, with what mends it. */
export async function planDeployment(options: DeploymentOptions): Promise<Plan> {
  const {gcloud, ledger, target, removeLegacy} = options
  const {projectId} = target
  const reading: Gcloud = args => whileBusy(() => gcloud(args), options)
  try {
    const projectNumber = await readProjectNumber(reading, projectId)
    const manifest = buildManifest({...options, projectNumber})
    const isPartial = options.only !== undefined
    const found = await readDeployed(manifest, {projectId, gcloud: reading, ledger, isPartial})
    return planChanges(manifest, found, {projectId, removeLegacy})
  } catch (error) {
    // Without a cause: its text would follow, and the sentence holds what matters of it.
    throw new Error(describeCloudError(error, projectId))
  }
}

/** Does what a plan says. */
export function applyPlan(
  plan: Plan,
  options: DeploymentOptions & {
    readonly signal: AbortSignal
    readonly now: () => Date
    readonly onChange: (results: readonly StepResult[], running: readonly string[]) => void
  },
): Promise<readonly StepResult[]> {
  const applyStep = createApply({...options, addresses: plan.addresses})
  const describeError = (error: unknown) => describeCloudError(error, options.target.projectId)
  return applySteps(plan, {...options, applyStep, describeError})
}

/** One sentence about what went wrong, with the command that mends it where there is one. */
function describeCloudError(error: unknown, projectId: string): string {
  if (error instanceof GcloudError && error.kind === 'not permitted') return describeMissingPermission(error, projectId)
  return toPrintableLine(toMessageText(error), 1000)
}

/** What the end of a deployment means to whoever called. */
export function exitCodeFor(plan: Plan, results: readonly StepResult[], isInterrupted: boolean): ExitCode {
  if (isInterrupted) return exitCodes.interrupted
  const done = results.filter(({state}) => state === 'done').length
  if (done === results.length) return plan.missing.length === 0 ? exitCodes.done : exitCodes.partial
  return done === 0 && plan.kept.length === 0 ? exitCodes.failed : exitCodes.partial
}
