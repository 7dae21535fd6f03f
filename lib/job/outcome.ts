/** Named sums that an outcome carries, for example `{tablesCreated: 12}`: whole numbers, named for what they mean. */
export type Counts = Readonly<Record<string, number>>

/**
 * How an attempt ended. `degraded`: done, but parts of it failed and a person should look. `skipped`: rightly nothing
 * to do. `failed`: the job itself saw that it failed (an error that may pass is thrown instead). `continued`: the time
 * was up and the rest goes on as the next message of the same run, with the arguments in `next`.
 */
export type Outcome = {
  readonly event: 'succeeded' | 'degraded' | 'skipped' | 'failed' | 'continued'
  /** One sentence for a person: what was done, or what is wrong and what to do now. */
  readonly summary: string
  readonly counts: Counts
  /** What failed, one line each; shown below the summary. */
  readonly errors: readonly string[]
  /** What succeeded but deserves a look. */
  readonly warnings: readonly string[]
  /** Arguments of the next part; only with `continued`. */
  readonly next?: Readonly<Record<string, unknown>>
}

type Details = {readonly errors?: readonly string[]; readonly warnings?: readonly string[]}

export function succeeded(summary: string, counts: Counts = {}, details: Details = {}): Outcome {
  return createOutcome('succeeded', summary, counts, details)
}

export function degraded(summary: string, counts: Counts = {}, details: Details = {}): Outcome {
  return createOutcome('degraded', summary, counts, details)
}

export function skipped(summary: string, counts: Counts = {}, details: Details = {}): Outcome {
  return createOutcome('skipped', summary, counts, details)
}

export function failed(summary: string, counts: Counts = {}, details: Details = {}): Outcome {
  return createOutcome('failed', summary, counts, details)
}

/** @param next the arguments with which the run goes on; they must pass the job's own schema. */
export function continued(summary: string, next: Readonly<Record<string, unknown>>, counts: Counts = {}): Outcome {
  return {...createOutcome('continued', summary, counts, {}), next}
}

function createOutcome(event: Outcome['event'], summary: string, counts: Counts, details: Details): Outcome {
  return {event, summary, counts, errors: details.errors ?? [], warnings: details.warnings ?? []}
}
