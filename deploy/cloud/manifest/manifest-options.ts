import type {Job} from '../../../lib/job/job.ts'
import type {TargetEnvironment} from '../../catalogue/environments.ts'
import type {Fields} from '../resources/resource.ts'

/** A function's staged folder. */
export type StagedFunction = {readonly folder: string; readonly hash: string}

export type ManifestOptions = {
  /** Every job of the project: what is shared depends on all of them. */
  readonly jobs: readonly Job[]
  /** Only these jobs' own resources, without monitoring; absent: everything. */
  readonly only?: readonly Job[]
  /**
   * Jobs that have a subscription of their own, once this is deployed: a message for one of them is left to it.
   * @default all jobs
   */
  readonly reachable?: readonly Job[]
  readonly target: TargetEnvironment
  readonly projectNumber: string
  readonly version: string
  readonly staged: ReadonlyMap<string, StagedFunction>
  /** Functions that may not be deployed now, by name, with what to do. */
  readonly withheld?: ReadonlyMap<string, string>
  /** Further variables of a function: DAYS_TO_KEEP for the quota clean-up. */
  readonly variablesOf: (job: Job) => Fields
  /** `email:ops@cloudact.ai`, `slack:#ops`. */
  readonly channels: readonly string[]
  /** The time of the deployment. */
  readonly now: () => Date
}
