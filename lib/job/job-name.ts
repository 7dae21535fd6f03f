import {ConfigurationError} from '../errors/configuration-error.ts'

/** Topic of all release jobs; each has a subscription with a filter on `attributes.job`. */
export const manualTopic = 'manual-jobs'
/** Subscription for everything on `manual-jobs`, and its push endpoint's path: see lib/delivery/route-unrouted.ts. */
export const unroutedTopic = 'manual-jobs-unrouted'
/** In run ids, dead letters and the ledger, for a message whose job does not exist. */
export const unroutedJob = 'unrouted'
export const deadLettersTopic = 'dead-letters'

export type JobName = {
  /** In run ids, `attributes.job` and on the command line: `bootstrap`, `daily-quota-reset`. */
  readonly name: string
  readonly group: 'daily' | 'monthly' | 'manual'
  /** The deployed function, at most 63 characters: `cloudact-manual-bootstrap`. */
  readonly functionName: string
  readonly topic: string
  /** Below the project's root: `functions/manual/bootstrap.ts`. */
  readonly path: string
}

const pathPattern = /^functions\/(daily|monthly|manual)\/([a-z][a-z0-9]*(?:-[a-z0-9]+)*)\.ts$/
const targetPattern = /^cloudact-(daily|monthly|manual)-([a-z][a-z0-9]*(?:-[a-z0-9]+)*)$/

/**
 * All names of a job come from its file's path.
 *
 * @throws ConfigurationError for a path that is none of a job.
 */
export function parseJobPath(path: string): JobName {
  const match = pathPattern.exec(path)
  const functionName = `cloudact-${match?.[1]}-${match?.[2]}`
  if (match === null || functionName.length > 63) {
    throw new ConfigurationError([
      `${path} is no place for a job: functions/<daily|monthly|manual>/<kebab-case>.ts, at most 63 characters as cloudact-<folder>-<name>`,
    ])
  }
  const group = match[1] === 'daily' || match[1] === 'monthly' ? match[1] : 'manual'
  const stem = match[2] ?? ''
  return group === 'manual'
    ? {name: stem, group, functionName, topic: manualTopic, path}
    : {name: `${group}-${stem}`, group, functionName, topic: functionName, path}
}

/**
 * The file that a function's target names.
 *
 * @param target `FUNCTION_TARGET`, for example `cloudact-daily-alerts`.
 * @throws ConfigurationError for anything else, so that no other file can be imported.
 */
export function parseFunctionTarget(target: string | undefined): JobName {
  const match = targetPattern.exec(target ?? '')
  if (match === null) {
    throw new ConfigurationError([
      'FUNCTION_TARGET must name a function of this project: cloudact-<daily|monthly|manual>-<job>',
    ])
  }
  return parseJobPath(`functions/${match[1]}/${match[2]}.ts`)
}
