import {type Command, InvalidArgumentError, Option} from 'commander'
import type {Job} from '../../lib/job/job.ts'
import {deadLetterKinds} from '../../lib/ledger/ledger-entry.ts'
import {findJob} from '../catalogue/catalogue.ts'
import {parseDuration} from '../cli/duration.ts'
import type {DeadLetter} from './dead-letter.ts'

/** Which dead letters are meant; what is absent matches all. */
export type DeadLetterFilter = {
  readonly job?: string
  readonly run?: string
  readonly kind?: DeadLetter['kind']
  /** Set aside within the last so many seconds. */
  readonly since?: number
}

/** The options that name dead letters by what they are; the same for every command on them. */
export function addFilterOptions(command: Command): Command {
  return command
    .option('--job <job>', 'only letters of this job')
    .option('--run <run id>', 'only letters of this run')
    .addOption(new Option('--kind <kind>', `only letters of this kind: ${kindTexts.join(', ')}`).argParser(parseKind))
    .addOption(new Option('--since <time>', 'only letters set aside since then: 90s, 2h, 7d').argParser(parseDuration))
}

/** Puts a job's own name for the one that was typed. @throws UsageError if there is none. */
export function withJobName<Options extends {readonly filter: DeadLetterFilter}>(
  options: Options,
  jobs: readonly Job[],
): Options {
  const {job} = options.filter
  return job === undefined ? options : {...options, filter: {...options.filter, job: findJob(jobs, job).name}}
}

export function readFilter({job, run, kind, since}: DeadLetterFilter): DeadLetterFilter {
  const given = Object.entries({job, run, kind, since}).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given)
}

export function isMatch(deadLetter: DeadLetter, {job, run, kind, since}: DeadLetterFilter, now: Date): boolean {
  if (job !== undefined && deadLetter.job !== job) return false
  if (run !== undefined && deadLetter.runId !== run) return false
  if (kind !== undefined && deadLetter.kind !== kind) return false
  return since === undefined || now.getTime() - deadLetter.deadLetteredAt.getTime() <= since * 1000
}

/** A kind as one word of a command line. */
const toWord = (kind: DeadLetter['kind']) => kind.replace(' ', '-')
const kindTexts = deadLetterKinds.map(toWord)

function parseKind(text: string): DeadLetter['kind'] {
  const kind = deadLetterKinds.find(known => text === known || text === toWord(known))
  if (kind === undefined) throw new InvalidArgumentError(`It is one of ${kindTexts.join(', ')}.`)
  return kind
}
