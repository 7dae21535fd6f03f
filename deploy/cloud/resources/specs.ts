import type {Configuration} from './command.ts'

/** What a resource of some types is made from, beyond the fields that are compared. */
export type Specs = {
  readonly function: FunctionSpec
  readonly binding: BindingSpec
  readonly 'dataset-access': DatasetAccessSpec
  readonly 'alert-policy': AlertPolicySpec
  readonly 'log-metric': {readonly config: Configuration}
  readonly dashboard: {readonly config: Configuration}
}

/** What reading finds out about a resource of some types, beyond the fields that are compared. */
export type ActualSpecs = {
  readonly binding: BindingSpec
  readonly 'alert-policy': {readonly quietUntil: number | undefined}
}

/** A function, as `gcloud functions deploy` is told to make it. */
export type FunctionSpec = {
  /** The staged folder. */
  readonly folder: string
  readonly runtime: string
  readonly timeoutSeconds: number
  readonly maxInstances: number
  readonly concurrency: number
  readonly memory: string
  readonly ingress: string
  readonly account: string
  readonly buildAccount: string
  readonly variables: Readonly<Record<string, string>>
  /** Variables that stay as they are deployed unless they are declared. */
  readonly keeps: readonly string[]
  /** Secret and version by variable. */
  readonly secrets: Readonly<Record<string, string>>
  readonly version: string
  readonly bundleHash: string
}

/** What an account may be permitted something on. */
export type BindingTarget = 'project' | 'secret' | 'topic' | 'subscription' | 'service-account' | 'function'

/** One role of one member on one thing. */
export type BindingSpec = {
  readonly target: BindingTarget
  readonly on: string
  readonly role: string
  readonly member: string
}

/** The accounts that may write in a dataset: one change, since BigQuery allows few of them a minute. */
export type DatasetAccessSpec = {
  readonly dataset: string
  /** Accounts that may write in it, and with that read. */
  readonly accounts: readonly string[]
  /** Accounts that may only read. */
  readonly readers: readonly string[]
  /** For the command that creates a dataset of the API's. */
  readonly environment: string
}

export type AlertPolicySpec = {
  /** Without its query. */
  readonly config: Configuration
  readonly query: string
  readonly duration: string
  readonly evaluationInterval: string
  /** Unix time in seconds before which the alert stays quiet: nothing was due yet. */
  readonly quietUntil: number | undefined
}
