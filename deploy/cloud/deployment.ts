import {toMessageText} from '../../lib/error-text.ts'
import {toPrintableLine} from '../../lib/printable.ts'
import {type ExitCode, exitCodes} from '../exit-codes.ts'
import {applyPlan, type StepResult} from './apply.ts'
import {createCarryOut} from './carry-out.ts'
import type {Gcloud} from './gcloud.ts'
import {GcloudError} from './gcloud-error.ts'
import type {LedgerTables} from './ledger-tables.ts'
import {buildManifest, type ManifestOptions} from './manifest.ts'
import {describeMissingPermission} from './permission-remedy.ts'
import {type Plan, planChanges} from './plan.ts'
import {readProjectNumber} from './project-number.ts'
import {readDeployed} from './read-deployed.ts'
import {type Wait, whileBusy} from './retry.ts'

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
  const reading: Gcloud = words => whileBusy(() => gcloud(words), options)
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
export function carryOutPlan(
  plan: Plan,
  options: DeploymentOptions & {
    readonly signal: AbortSignal
    readonly now: () => Date
    readonly onChange: (results: readonly StepResult[], running: readonly string[]) => void
  },
): Promise<readonly StepResult[]> {
  const carryOut = createCarryOut({...options, addresses: plan.addresses})
  const describeError = (error: unknown) => describeCloudError(error, options.target.projectId)
  return applyPlan(plan, {...options, carryOut, describeError})
}

/** One sentence about what went wrong, with the command that mends it where there is one. */
function describeCloudError(error: unknown, projectId: string): string {
  if (error instanceof GcloudError && error.kind === 'not permitted') return describeMissingPermission(error, projectId)
  return toPrintableLine(toMessageText(error), 1_000)
}

/** What the end of a deployment means to whoever called. */
export function exitCodeFor(plan: Plan, results: readonly StepResult[], isInterrupted: boolean): ExitCode {
  if (isInterrupted) return exitCodes.interrupted
  const done = results.filter(({state}) => state === 'done').length
  if (done === results.length) return plan.missing.length === 0 ? exitCodes.done : exitCodes.partial
  return done === 0 && plan.kept.length === 0 ? exitCodes.failed : exitCodes.partial
}
