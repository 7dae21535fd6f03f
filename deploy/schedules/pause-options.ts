import {Command} from '@commander-js/extra-typings'
import type {Job} from '../../lib/job/job.ts'
import {findJob} from '../catalogue/catalogue.ts'
import {parseArgv} from '../cli/parse-argv.ts'
import {UsageError} from '../cli/usage-error.ts'
import {confirmedOption, environmentArgument, jsonOption} from '../environment/shared-options.ts'

export type PauseVerb = 'pause' | 'resume'

export type PauseOptions = {
  readonly environment: string
  readonly jobs: readonly Job[]
  readonly isConfirmed: boolean
  readonly json: boolean
}

const descriptions = {
  pause: 'Stops schedules: the jobs can still be run by hand. `npm run list` shows what is paused.',
  resume:
    'Lets paused schedules fire again from their next time on. What was due during the pause is recorded as skipped.',
} as const

/** Parses the words after `npm run pause --`. @throws UsageError that says which word is wrong. */
export function parsePauseOptions(
  argv: readonly string[],
  jobs: readonly Job[],
  verb: PauseVerb,
): PauseOptions | {help: string} {
  const command = new Command(`npm run ${verb} --`)
    .description(descriptions[verb])
    .addArgument(environmentArgument())
    .argument('[job...]', 'names or shortcuts of scheduled jobs')
    .option('--all', 'every scheduled job')
    .addOption(confirmedOption())
    .addOption(jsonOption())
  const help = parseArgv(command, argv)
  if (help !== undefined) return {help}
  const [environment, names] = command.processedArgs
  const {all = false, yes = false, json = false} = command.opts()
  if (all === names.length > 0) {
    throw new UsageError(`say which: npm run ${verb} -- ${environment} <job…>, or --all for every scheduled job`)
  }
  const scheduled = jobs.filter(({schedule}) => schedule !== undefined)
  const wanted = new Set(all ? scheduled : names.map(name => findJob(jobs, name)))
  const byHand = [...wanted].find(({schedule}) => schedule === undefined)
  if (byHand !== undefined) {
    const known = scheduled.map(({name}) => name).join(', ')
    throw new UsageError(`Jobs with a schedule: ${known}\n${byHand.name} has no schedule: it only runs by hand`)
  }
  return {environment, jobs: [...wanted], isConfirmed: yes, json}
}
