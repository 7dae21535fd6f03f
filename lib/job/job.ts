import {Cron} from 'croner'
import type * as z from 'zod'
import type {SecretName} from '../environment/environment.ts'
import {ConfigurationError} from '../errors/configuration-error.ts'
import type {JobContext} from './job-context.ts'
import {type JobName, parseJobPath} from './job-name.ts'
import type {MissedPolicy} from './missed-policy.ts'
import type {Outcome} from './outcome.ts'

// croner knows more (`@daily`, `L`, `W`, `#`), Cloud Scheduler doesn't. Source: Cloud Scheduler, "Cron job format".
const cronTerm = '(?:\\*|(?:\\d{1,2}|[a-z]{3})(?:-(?:\\d{1,2}|[a-z]{3}))?)(?:/\\d{1,2})?'
const fiveFields = new RegExp(`^${cronTerm}(?:,${cronTerm})*(?: ${cronTerm}(?:,${cronTerm})*){4}$`, 'i')

/** Event-driven functions of the second generation end after this many seconds. */
const maxTimeoutSeconds = 540

/** What a file in `functions/` declares; everything else (topic, deploy plan, command line) comes from it. */
export type JobDeclaration<Args extends z.ZodObject = z.ZodObject> = {
  /** One sentence: what the job does. */
  readonly summary: string
  /** The line that stands in the job's logs and in what `publish` prints. */
  readonly context: string
  /** Five-field cron expression in UTC. Absent: the job only runs when a person publishes it. */
  readonly schedule?: string
  /** What to do with slots that were missed; required with a schedule. */
  readonly missed?: MissedPolicy
  /** Names that `publish` accepts besides the job's own. */
  readonly shortcuts: readonly string[]
  /**
   * Whether carrying out a run twice does no harm. If not, a run whose outcome is unknown is never repeated by itself.
   * May depend on the arguments (a dry run sends nothing).
   */
  readonly idempotent: boolean | Bivariant<(args: z.output<Args>) => boolean>
  /**
   * Whether a run with these arguments changes nothing: its failure is no dead letter, its success no last success.
   * @default never
   */
  readonly readOnly?: Bivariant<(args: z.output<Args>) => boolean>
  /**
   * Whether a run that ended so makes up for earlier runs that failed: their dead letters are then cleared.
   * @default never
   */
  readonly supersedes?: (outcome: Outcome) => boolean
  /** Said with an unknown outcome: what a person should look at before replaying. */
  readonly manualCheck?: string
  /** The same in the sandbox, by what `npm run sandbox` shows, where that is another place. */
  readonly sandboxCheck?: string
  /** Strict; every key has a description, since it is the job's `--help`. */
  readonly args: Args
  /** Secrets that the function gets, and no others. */
  readonly secrets: readonly SecretName[]
  /** Tables in BigQuery, besides the run ledger, that the function may read: `organizations.org_usage_quotas`. */
  readonly reads?: readonly string[]
  /** Datasets in BigQuery, besides the ledger's, in which the function may write. */
  readonly writes?: readonly string[]
  /** Whether a scheduled job may go on as further messages, which it publishes to its own topic. @default false */
  readonly continues?: boolean
  /**
   * How long one attempt may take, in seconds.
   * @default 540
   */
  readonly timeoutSeconds?: number
  readonly run: Bivariant<(context: JobContext<z.output<Args>>) => Promise<Outcome>>
}

/**
 * A run that may not be repeated by itself leaves a person with an unknown outcome: who declares such a job says what to
 * check then.
 */
type SaysWhatToCheck = {readonly idempotent: true} | {readonly manualCheck: string}

/** Lets the catalogue hold jobs of any arguments: deliver() parses them with the job's own schema before it calls. */
type Bivariant<F extends (argument: never) => unknown> = {method(argument: Parameters<F>[0]): ReturnType<F>}['method']

/** A declaration together with the names that its file's path gives it. */
export type Job = Omit<JobDeclaration, 'timeoutSeconds' | 'repeatable'> &
  JobName & {
    readonly timeoutSeconds: number
    readonly isIdempotent: (args: Record<string, unknown>) => boolean
    readonly isReadOnly: (args: Record<string, unknown>) => boolean
    readonly supersedes: (outcome: Outcome) => boolean
    /** Deliveries that fail before the message is a dead letter: somebody is waiting for a release job. */
    readonly maxAttempts: 5 | 10
  }

/**
 * Declares a job. Registers nothing and reads no environment: importing a declaration has no effect.
 *
 * @throws ConfigurationError where the declaration can't work: cron expression, timeout, shortcuts.
 */
export function defineJob<Args extends z.ZodObject>(
  declaration: JobDeclaration<Args> & SaysWhatToCheck,
): JobDeclaration {
  const problems: string[] = []
  const {schedule, missed, shortcuts, timeoutSeconds = maxTimeoutSeconds} = declaration
  if (schedule !== undefined) problems.push(...scheduleProblems(schedule))
  problems.push(...missedProblems(schedule, missed), ...manualCheckProblems(declaration), ...tableProblems(declaration))
  if (!Number.isInteger(timeoutSeconds) || timeoutSeconds < 60 || timeoutSeconds > maxTimeoutSeconds) {
    problems.push(`timeoutSeconds is ${timeoutSeconds}, but must be a whole number from 60 to ${maxTimeoutSeconds}`)
  }
  for (const shortcut of shortcuts) {
    if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(shortcut)) problems.push(`shortcut "${shortcut}" is not in kebab-case`)
    if (shortcuts.indexOf(shortcut) !== shortcuts.lastIndexOf(shortcut)) problems.push(`shortcut "${shortcut}" twice`)
  }
  if (problems.length > 0) throw new ConfigurationError([...new Set(problems)])
  return declaration
}

function manualCheckProblems({idempotent, manualCheck}: Pick<JobDeclaration, 'idempotent' | 'manualCheck'>): string[] {
  if (idempotent === true || (manualCheck !== undefined && manualCheck.trim() !== '')) return []
  return ['manualCheck is absent: a job that is not idempotent says what to check when the outcome of a run is unknown']
}

function tableProblems({reads = [], writes = []}: Pick<JobDeclaration, 'reads' | 'writes'>): string[] {
  return [
    ...reads.filter(name => !/^\w+\.\w+$/.test(name)).map(name => `reads names "${name}", which is no dataset.table`),
    ...writes.filter(name => !/^\w+$/.test(name)).map(name => `writes names "${name}", which is no dataset`),
  ]
}

/**
 * Gives a declaration the names of its file.
 *
 * @param path below the project's root: `functions/daily/alerts.ts`.
 * @throws ConfigurationError if path and declaration don't fit together.
 */
export function toJob(path: string, declaration: JobDeclaration): Job {
  const name = parseJobPath(path)
  const {schedule, idempotent} = declaration
  if (name.group === 'manual' && schedule !== undefined) {
    throw new ConfigurationError([`${path}: a manual job has no schedule ("${schedule}"): move the file or remove it`])
  }
  if (name.group !== 'manual' && schedule === undefined) {
    throw new ConfigurationError([`${path}: a ${name.group} job needs a schedule: declare it or move the file`])
  }
  return {
    ...declaration,
    ...name,
    timeoutSeconds: declaration.timeoutSeconds ?? maxTimeoutSeconds,
    isIdempotent: typeof idempotent === 'function' ? idempotent : () => idempotent,
    isReadOnly: declaration.readOnly ?? (() => false),
    supersedes: declaration.supersedes ?? (() => false),
    maxAttempts: name.group === 'manual' ? 5 : 10,
  }
}

/** Every name under which the command line knows a job. */
export function commandNames(job: Job): string[] {
  const longName = job.functionName.replace(/^cloudact-/, '')
  return [...new Set([job.name, longName, job.functionName, ...job.shortcuts])]
}

/** @throws ConfigurationError where two jobs want the same name, topic or shortcut. */
export function checkCatalogue(jobs: readonly Job[]): void {
  const owners = new Map<string, string>()
  const problems: string[] = []
  for (const job of jobs) {
    for (const name of commandNames(job)) {
      const owner = owners.get(name)
      if (owner !== undefined) problems.push(`${job.path}: "${name}" belongs to ${owner} already`)
      owners.set(name, job.path)
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
}

function missedProblems(schedule: string | undefined, missed: MissedPolicy | undefined): string[] {
  if (schedule === undefined) return missed === undefined ? [] : ['missed is declared, but there is no schedule']
  if (missed === undefined) {
    return ["missed is absent: declare 'each', 'latest', 'today' or {never: 'why'} for slots that were missed"]
  }
  const lacksReason = typeof missed === 'object' && missed.never.trim() === ''
  return lacksReason ? ['missed is never, but without the reason'] : []
}

function scheduleProblems(schedule: string): string[] {
  if (!fiveFields.test(schedule)) return [`schedule "${schedule}" is no five-field cron expression`]
  try {
    const next = new Cron(schedule, {utcOffset: 0, mode: '5-part', paused: true}).nextRun()
    return next === null ? [`schedule "${schedule}" never comes`] : []
  } catch (error) {
    return [
      `schedule "${schedule}" is no five-field cron expression (${error instanceof Error ? error.message : error})`,
    ]
  }
}
