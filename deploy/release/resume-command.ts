import {toDurationArgument} from '../cli/duration.ts'
import {quote} from '../cli/quote.ts'
import {defaultTimeoutSeconds, type ReleaseOptions} from './release-options.ts'
import {type StepName, stepNames} from './release-step.ts'

/**
 * The command that goes on with a release at a step, with the options that still matter there. Not `--yes`: a line that
 * is pasted later asks again.
 *
 * @param env the environment's name.
 */
export function resumeCommand(options: ReleaseOptions, env: string, from: StepName): string {
  const {pause, timeoutSeconds, dryRun} = options
  const pauses = stepNames.indexOf(from) <= stepNames.indexOf('deploy')
  return [
    `npm run release -- ${env} --from ${from}`,
    ...(pauses && pause.until === 'now' ? ['--continue'] : []),
    ...(pauses && pause.until === 'healthy' ? [`--api-health-url ${quote(pause.url)}`] : []),
    ...(timeoutSeconds === defaultTimeoutSeconds ? [] : [`--timeout ${toDurationArgument(timeoutSeconds)}`]),
    ...(dryRun ? ['--dry-run'] : []),
  ].join(' ')
}
