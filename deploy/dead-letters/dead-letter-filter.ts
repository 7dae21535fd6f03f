import {InvalidArgumentError, Option} from '@commander-js/extra-typings'
import type {Job} from '../../lib/job/job.ts'
import {unroutedJob} from '../../lib/job/job-name.ts'
import {deadLetterKinds} from '../../lib/ledger/ledger-entry.ts'
import {findJob} from '../catalogue/catalogue.ts'
import {parseDuration} from '../cli/duration.ts'
import type {DeadLetter} from './dead-letter.ts'

/** Which dead letters are meant; what is absent matches all. */
export type DeadLetterFilter = {
  readonly job?: string
  readonly run?: string
  readonly kind?: DeadLetter['kind']
  /** Dead-lettered within this many seconds. */
  readonly since?: number
}

/** A kind as one word of a command line. */
const toWord = (kind: DeadLetter['kind']) => kind.replace(' ', '-')
const kindTexts = deadLetterKinds.map(toWord)

/** The options that select dead letters by what they are; the same for every command on them. */
export const filterOptions = {
  job: () => new Option('--job <job>', 'only those of this job'),
  run: () => new Option('--run <run id>', 'only those of this run'),
  kind: () => new Option('--kind <kind>', `only those of this kind: ${kindTexts.join(', ')}`).argParser(parseKind),
  since: () =>
    new Option('--since <time>', 'only those dead-lettered since then: 90s, 2h, 7d').argParser(parseDuration),
  limit: () => new Option('--limit <n>', 'at most this many, the oldest first').argParser(parseLimit),
}

/** Puts a job's own name for the one that was typed. @throws UsageError if there is none. */
export function withJobName<Options extends {readonly filter: DeadLetterFilter}>(
  options: Options,
  jobs: readonly Job[],
): Options {
  const {job} = options.filter
  // What names no job is booked under this name.
  return job === undefined || job === unroutedJob
    ? options
    : {...options, filter: {...options.filter, job: findJob(jobs, job).name}}
}

export function readFilter(given: {
  readonly job?: string | undefined
  readonly run?: string | undefined
  readonly kind?: DeadLetter['kind'] | undefined
  readonly since?: number | undefined
}): DeadLetterFilter {
  const {job, run, kind, since} = given
  return Object.fromEntries(Object.entries({job, run, kind, since}).filter(([, value]) => value !== undefined))
}

export function isMatch(deadLetter: DeadLetter, {job, run, kind, since}: DeadLetterFilter, now: Date): boolean {
  if (job !== undefined && deadLetter.job !== job) return false
  if (run !== undefined && deadLetter.runId !== run) return false
  if (kind !== undefined && deadLetter.kind !== kind) return false
  return since === undefined || now.getTime() - deadLetter.deadLetteredAt.getTime() <= since * 1000
}

function parseKind(text: string): DeadLetter['kind'] {
  const kind = deadLetterKinds.find(known => text === known || text === toWord(known))
  if (kind === undefined) throw new InvalidArgumentError(`It is one of ${kindTexts.join(', ')}.`)
  return kind
}

function parseLimit(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1 to 99999.')
  return Number(text)
}
