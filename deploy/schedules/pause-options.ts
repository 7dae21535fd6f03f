import {Command} from 'commander'
import type {Job} from '../../lib/job/job.ts'
import {findJob} from '../catalogue/catalogue.ts'
import {environmentNames} from '../catalogue/environments.ts'
import {parseArgv} from '../cli/parse-argv.ts'
import {UsageError} from '../cli/usage-error.ts'

export type PauseVerb = 'pause' | 'resume'

export type PauseOptions = {
  readonly environment: string
  readonly jobs: readonly Job[]
  readonly isConfirmed: boolean
  readonly json: boolean
}

const descriptions = {
  pause: 'Stops schedules: the jobs can still be run by hand. `npm run list` shows what is paused.',
  resume: 'Lets paused schedules fire again, from their next time on: what was missed is not made up for.',
} as const

/** Parses the words after `npm run pause --`. @throws UsageError that says which word is wrong. */
export function parsePauseOptions(
  argv: readonly string[],
  jobs: readonly Job[],
  verb: PauseVerb,
): PauseOptions | {help: string} {
  const command = new Command(`npm run ${verb} --`)
    .description(descriptions[verb])
    .argument('<env>', environmentNames.join(', '))
    .argument('[job...]', 'names or shortcuts of scheduled jobs')
    .option('--all', 'every scheduled job', false)
    .option('--yes', 'answer yes to the question that prod asks', false)
    .option('--json', 'print one JSON object on standard output and nothing else', false)
  const help = parseArgv(command, argv)
  if (help !== undefined) return {help}
  const [environment = '', ...names] = command.args
  const {all, yes, json} = command.opts<{all: boolean; yes: boolean; json: boolean}>()
  if (all === names.length > 0) {
    throw new UsageError(`say which: npm run ${verb} -- ${environment} <job…>, or --all for every scheduled job`)
  }
  const scheduled = jobs.filter(({schedule}) => schedule !== undefined)
  const wanted = new Set(all ? scheduled : names.map(name => findJob(jobs, name)))
  const byHand = [...wanted].find(({schedule}) => schedule === undefined)
  if (byHand !== undefined) {
    const known = scheduled.map(({name}) => name).join(', ')
    throw new UsageError(`${byHand.name} has no schedule: only people publish it. Those with one: ${known}`)
  }
  return {environment, jobs: [...wanted], isConfirmed: yes, json}
}
