import {styleText} from 'node:util'
import {plural} from '../../lib/log/plural.ts'
import {loadCatalogue} from '../catalogue/catalogue.ts'
import {parseEnvironmentName, type TargetEnvironment} from '../catalogue/environments.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {createGcloud} from '../cloud/gcloud/gcloud.ts'
import {parseReportOptions} from '../environment/report-options.ts'
import {sandboxFolderOf} from '../local/sandbox-folder.ts'
import {connectSchedules} from '../schedules/connect-schedules.ts'
import {createCheckProgress} from './check-progress.ts'
import {type Check, type CheckResult, type CheckState, runChecks} from './check-result.ts'

const about = {
  command: 'doctor',
  description: 'Checks everything that a run needs, each line with what to do about it.',
  help: `Exit codes: 0 nothing is wrong, 1 something is wrong, 2 wrong usage or configuration, 3 a check could not be done.
With CA_ROOT_API_KEY in the shell the root key is tried; local tries what its functions have. It is never printed.`,
}

/** `npm run doctor`: checks everything that a run needs, and changes nothing. */
export async function runDoctor(argv: readonly string[], io: CommandIo, signal: AbortSignal): Promise<ExitCode> {
  const options = parseReportOptions(argv, about)
  if ('help' in options) {
    io.stdout(options.help)
    return exitCodes.done
  }
  const target = parseEnvironmentName(options.environment, io.env)
  if (!options.json && target.name !== 'local') io.stderr(`Looking at ${target.name} (${target.projectId})…`)
  const results = await examine(target, {io, signal, json: options.json})
  const count = (state: CheckState) => results.filter(result => result.state === state).length
  if (options.json) {
    io.stdout(JSON.stringify({environment: target.name, project: target.projectId, results}))
  } else {
    io.stdout(`\n${summarize(count('wrong'), count('unknown'), count('notice'))}`)
  }
  if (count('wrong') > 0) return exitCodes.failed
  return count('unknown') > 0 ? exitCodes.partial : exitCodes.done
}

type Examination = {readonly io: CommandIo; readonly signal: AbortSignal; readonly json: boolean}

async function examine(target: TargetEnvironment, options: Examination): Promise<readonly CheckResult[]> {
  const {io, signal} = options
  const {env} = io
  const jobs = await loadCatalogue()
  const schedules = connectSchedules({jobs, environment: target, io, signal})
  if (target.name !== 'local') {
    const [{cloudChecks}, {checkCredentials}] = await Promise.all([
      import('./cloud-checks.ts'),
      import('../environment/check-credentials.ts'),
    ])
    const gcloud = createGcloud({env: {...env}, projectId: target.projectId, signal})
    return runAndShow(cloudChecks({target, jobs, variables: env, gcloud, schedules, checkCredentials}), options)
  }
  const folder = sandboxFolderOf(env)
  const {connect} = await import('../environment/connect.ts')
  const connection = await connect(target, {
    jobs,
    env,
    readOnly: true,
    onNotice: text => io.stderr(styleText('gray', text)),
    signal,
  })
  try {
    const {localChecks} = await import('./local-checks.ts')
    const {projectId} = target
    const nodeVersion = process.versions.node
    const checks = localChecks({jobs, folder, variables: env, projectId, connection, schedules, nodeVersion})
    return await runAndShow(checks, options)
  } finally {
    await connection.close()
  }
}

/** With --json, what is printed is one object, at the end. */
async function runAndShow(checks: readonly Check[], {io, signal, json}: Examination): Promise<readonly CheckResult[]> {
  if (json) return runChecks(checks, signal)
  const progress = createCheckProgress(checks, io)
  try {
    return await runChecks(checks, signal, progress)
  } finally {
    progress.end()
  }
}

function summarize(wrong: number, unknown: number, notices: number): string {
  if (wrong > 0) return styleText('red', `${plural(wrong, 'thing is', 'things are')} wrong.`)
  if (unknown > 0) return styleText('yellow', `Nothing is wrong as far as could be seen; ${unknown} unknown.`)
  if (notices > 0) return styleText('yellow', `Nothing is wrong; ${plural(notices, 'warning')}.`)
  return styleText('green', 'All checks passed.')
}
