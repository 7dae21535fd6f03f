import type {Job} from '../../lib/job/job.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {UsageError} from '../cli/usage-error.ts'
import type {Gcloud} from './gcloud/gcloud.ts'
import {GcloudError} from './gcloud/gcloud-error.ts'
import {readProjectNumber} from './gcloud/project-number.ts'
import {describeRefusal} from './gcloud/refusal-fix.ts'
import {buildManifest} from './manifest/manifest.ts'
import type {ManifestOptions} from './manifest/manifest-options.ts'
import {subscriptionResources} from './manifest/subscription-resources.ts'
import {applySteps, type StepResult} from './plan/apply.ts'
import {createApply} from './plan/apply-step.ts'
import {type Plan, planChanges, type Step} from './plan/plan.ts'
import {readActual} from './plan/read-actual.ts'
import {type Wait, whileBusy} from './plan/retry.ts'
import type {LedgerTables} from './resources/ledger-tables.ts'
import {type ActualState, idOf} from './resources/resource.ts'

export type DeploymentOptions = Omit<ManifestOptions, 'projectNumber' | 'reachable'> & {
  readonly gcloud: Gcloud
  readonly ledger: LedgerTables
  readonly removeLegacy: boolean
  readonly wait: Wait
  readonly random: () => number
}

/**
 * Reads what exists and says what has to be done.
 *
 * @throws UsageError where gcloud is missing or not logged in.
 * @throws Error in one sentence, with a fix.
 */
export async function planDeployment(options: DeploymentOptions): Promise<Plan> {
  const {gcloud, ledger, target, removeLegacy, jobs, only} = options
  const {projectId} = target
  const reading: Gcloud = args => whileBusy(() => gcloud(args), options)
  try {
    const projectNumber = await readProjectNumber(reading, projectId)
    const declared = buildManifest({...options, projectNumber})
    // Read as well, although others' are none of this deployment's business: which jobs have a subscription?
    const others = only === undefined ? [] : subscriptionsOfOthers(only, options)
    const isPartial = only !== undefined
    const read = await readActual([...declared, ...others], {projectId, gcloud: reading, ledger, isPartial})
    const reachable = jobs.filter(
      job =>
        read.has(`subscription ${job.functionName}`) || ((only ?? jobs).includes(job) && !isWithheld(job, options)),
    )
    const manifest = buildManifest({...options, projectNumber, reachable})
    return planChanges(manifest, without(read, others), {projectId, removeLegacy})
  } catch (error) {
    const text = describeCloudError(error, projectId)
    if (isAboutGcloudItself(error)) throw new UsageError(text)
    // Without a cause: its text would follow, and the sentence holds what matters of it.
    throw new Error(text)
  }
}

function subscriptionsOfOthers(only: readonly Job[], {jobs, target}: DeploymentOptions) {
  const isOnly = (name: string) => only.some(job => job.functionName === name)
  return subscriptionResources(jobs, jobs, target.projectId).filter(({name}) => !isOnly(name))
}

function isWithheld({functionName}: Job, {withheld}: DeploymentOptions): boolean {
  return withheld?.has(functionName) ?? false
}

function without(
  read: ReadonlyMap<string, ActualState>,
  others: Parameters<typeof idOf>[0][],
): ReadonlyMap<string, ActualState> {
  const ids = new Set(others.map(idOf))
  return new Map([...read].filter(([id]) => !ids.has(id)))
}

/** Does what a plan says. */
export function applyPlan(
  plan: Plan,
  options: DeploymentOptions & {
    readonly signal: AbortSignal
    readonly onChange: (results: readonly StepResult[], running: readonly string[]) => void
    readonly onWait?: (step: Step, reason: string | undefined) => void
  },
): Promise<readonly StepResult[]> {
  const {onWait = () => {}} = options
  const applyStep = createApply(plan, {...options, onWait})
  const describeError = (error: unknown) => describeCloudError(error, options.target.projectId)
  return applySteps(plan, {...options, applyStep, describeError})
}

/** One sentence about what went wrong, with a fix where there is one. */
function describeCloudError(error: unknown, projectId: string): string {
  if (error instanceof GcloudError) return toPrintableLine(describeRefusal(error, projectId), 1500)
  return toPrintableLine(toMessageText(error), 1000)
}

function isAboutGcloudItself(error: unknown): boolean {
  return error instanceof GcloudError && (error.kind === 'not logged in' || error.kind === 'not installed')
}

/** The exit code of a deployment. */
export function exitCodeFor(plan: Plan, results: readonly StepResult[], isInterrupted: boolean): ExitCode {
  if (isInterrupted) return exitCodes.interrupted
  const done = results.filter(({state}) => state === 'done').length
  if (done === results.length) return plan.missing.length === 0 ? exitCodes.done : exitCodes.partial
  return done === 0 && plan.kept.length === 0 ? exitCodes.failed : exitCodes.partial
}
