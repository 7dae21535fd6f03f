import {styleText} from 'node:util'
import {loadCatalogue} from '../catalogue/catalogue.ts'
import {parseEnvironmentName, type TargetEnvironment} from '../catalogue/environments.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {createGcloud} from '../cloud/gcloud/gcloud.ts'
import {sandboxFolderOf} from '../local/sandbox-folder.ts'
import {connectSchedules} from '../schedules/connect-schedules.ts'
import {type CheckResult, type CheckState, runChecks} from './check-result.ts'
import {parseDoctorOptions} from './doctor-options.ts'

const styles = {
  ok: {mark: '✔', style: 'green'},
  notice: {mark: '!', style: 'yellow'},
  wrong: {mark: '✖', style: 'red'},
  unknown: {mark: '?', style: 'yellow'},
} as const

/** `npm run doctor`: looks at everything that a run needs, and changes nothing. */
export async function runDoctor(argv: readonly string[], io: CommandIo, signal: AbortSignal): Promise<ExitCode> {
  const options = parseDoctorOptions(argv)
  if ('help' in options) {
    io.stdout(options.help)
    return exitCodes.done
  }
  const target = parseEnvironmentName(options.environment, io.env)
  if (!options.json && target.name !== 'local') io.stderr(`Looking at ${target.name} (${target.projectId})…`)
  const results = await examine(target, io, signal)
  const count = (state: CheckState) => results.filter(result => result.state === state).length
  if (options.json) {
    io.stdout(JSON.stringify({environment: target.name, project: target.projectId, results}))
  } else {
    io.stdout(formatResults(results))
    io.stdout(`\n${summarize(count('wrong'), count('unknown'))}`)
  }
  if (count('wrong') > 0) return exitCodes.failed
  return count('unknown') > 0 ? exitCodes.partial : exitCodes.done
}

async function examine(target: TargetEnvironment, io: CommandIo, signal: AbortSignal): Promise<readonly CheckResult[]> {
  const {env} = io
  const jobs = await loadCatalogue()
  const schedules = connectSchedules({jobs, environment: target, io, signal})
  if (target.name !== 'local') {
    const {cloudChecks} = await import('./cloud-checks.ts')
    const gcloud = createGcloud({env: {...env}, projectId: target.projectId, signal})
    return runChecks(cloudChecks({target, jobs, variables: env, gcloud, schedules}), signal)
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
    return await runChecks(
      localChecks({jobs, folder, variables: env, projectId, connection, schedules, nodeVersion}),
      signal,
    )
  } finally {
    await connection.close()
  }
}

function formatResults(results: readonly CheckResult[]): string {
  const width = Math.max(...results.map(({what}) => what.length))
  return results
    .flatMap(({what, state, detail, fix}) => {
      const {mark, style} = styles[state]
      const line = `${styleText(style, mark)} ${what.padEnd(width)}  ${detail}`
      return fix === undefined ? [line] : [line, `${' '.repeat(width + 4)}${styleText('gray', `→ ${fix}`)}`]
    })
    .join('\n')
}

function summarize(wrong: number, unknown: number): string {
  if (wrong > 0) return styleText('red', wrong === 1 ? '1 thing is wrong.' : `${wrong} things are wrong.`)
  if (unknown > 0) return styleText('yellow', `Nothing is wrong as far as could be seen; ${unknown} unknown.`)
  return styleText('green', 'Everything is there.')
}
