import {styleText} from 'node:util'
import {ConfigurationError} from '../../lib/errors/configuration-error.ts'
import {loadCatalogue} from '../catalogue/catalogue.ts'
import {parseEnvironmentName} from '../catalogue/environments.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {UsageError} from '../cli/usage-error.ts'
import {hasConsent} from '../environment/has-consent.ts'
import {operatorName} from '../environment/operator-name.ts'
import {warnOfMissingWorkspace} from '../publish/openclaw-workspace.ts'
import {parseReleaseOptions} from './release-options.ts'
import {exitCodeOfStep, type StepResult, stepNames} from './release-step.ts'
import {formatRelease, releaseToJson} from './release-summary.ts'
import {createReleaseStep} from './run-step.ts'

/** `npm run release`: the release jobs in their order, until one is not green. */
export async function runRelease(
  argv: readonly string[],
  io: CommandIo,
  signal: AbortSignal,
  given: {readonly checkCredentials?: () => Promise<void>} = {},
): Promise<ExitCode> {
  const options = parseReleaseOptions(argv)
  if ('help' in options) {
    io.stdout(options.help)
    return exitCodes.done
  }
  const {from, pause, dryRun, json} = options
  const environment = parseEnvironmentName(options.environment, io.env)
  const first = stepNames.indexOf(from)
  // Said before anything is done, and not after the migration.
  if (first <= stepNames.indexOf('deploy') && pause.until === 'enter' && io.stdin.isTTY !== true && !dryRun) {
    throw new UsageError(
      'there is no terminal to wait on while the frontend and the API are deployed: add --api-health-url <url>, or --continue',
    )
  }
  const jobs = await loadCatalogue()
  await warnOfMissingWorkspace(io, environment)
  // A dry run publishes on this machine alone; elsewhere it says what a real run would do.
  const publishes = !dryRun || environment.name === 'local'
  if (publishes && !options.isConfirmed && !(await hasConsent({io, environment, signal}, 'Release'))) {
    io.stderr('Nothing was published.')
    return exitCodes.usage
  }
  const isChecked = publishes || (await hasCredentials(io, given.checkCredentials))
  const {connect} = await import('../environment/connect.ts')
  const onNotice = (text: string) => io.stderr(styleText('gray', text))
  const connection = publishes ? await connect(environment, {jobs, env: io.env, onNotice, signal}) : undefined
  const startedAt = new Date()
  const results: StepResult[] = []
  try {
    const applyStep = createReleaseStep({connection, isChecked, environment, jobs, options, io, signal})
    for (const [index, step] of stepNames.entries()) {
      if (index < first) results.push({step, state: 'left out'})
      else if (results.some(result => exitCodeOfStep(result) !== exitCodes.done))
        results.push({step, state: 'not begun'})
      else results.push(await applyStep(step, index + 1))
    }
  } finally {
    await connection?.close()
  }
  const release = {environment, by: operatorName(), startedAt, options, results}
  io.stdout(json ? JSON.stringify(releaseToJson(release)) : `\n${formatRelease(release)}`)
  if (signal.aborted) return exitCodes.interrupted
  const whenDone = isChecked ? exitCodes.done : exitCodes.partial
  return results.map(exitCodeOfStep).find(code => code !== exitCodes.done) ?? whenDone
}

/** Whether a real run from this machine could begin: the least that a dry run can say of it. */
async function hasCredentials(io: CommandIo, check?: () => Promise<void>): Promise<boolean> {
  try {
    const {checkCredentials} = await import('../environment/check-credentials.ts')
    await (check ?? checkCredentials)()
    return true
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    io.stderr(styleText('yellow', error.problems.join('\n')))
    return false
  }
}
