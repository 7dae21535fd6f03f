import {styleText} from 'node:util'
import {loadCatalogue} from '../catalogue/catalogue.ts'
import {parseEnvironmentName, type TargetEnvironment} from '../catalogue/environments.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {createGcloud} from '../cloud/gcloud/gcloud.ts'
import {sandboxFolderOf} from '../local/sandbox-folder.ts'
import {connectTriggers} from '../schedules/connect-schedules.ts'
import {parseDoctorOptions} from './doctor-options.ts'
import {type Finding, type FindingState, lookAtAll} from './finding.ts'

const looks = {
  ok: {mark: '✔', style: 'green'},
  notice: {mark: '!', style: 'yellow'},
  wrong: {mark: '✖', style: 'red'},
  unknown: {mark: '?', style: 'yellow'},
} as const

/** `npm run doctor`: looks at everything that a run needs, and changes nothing. */
export async function runDoctor(argv: readonly string[], io: CommandIo, signal: AbortSignal): Promise<ExitCode> {
  const options = parseDoctorOptions(argv)
  if ('help' in options) {
    io.print(options.help)
    return exitCodes.done
  }
  const target = parseEnvironmentName(options.environment, io.variables)
  if (!options.json && target.name !== 'local') io.tell(`Looking at ${target.name} (${target.projectId})…`)
  const findings = await examine(target, io, signal)
  const count = (state: FindingState) => findings.filter(finding => finding.state === state).length
  if (options.json) {
    io.print(JSON.stringify({environment: target.name, project: target.projectId, findings}))
  } else {
    io.print(formatFindings(findings))
    io.print(`\n${summarize(count('wrong'), count('unknown'))}`)
  }
  if (count('wrong') > 0) return exitCodes.failed
  return count('unknown') > 0 ? exitCodes.partial : exitCodes.done
}

async function examine(target: TargetEnvironment, io: CommandIo, signal: AbortSignal): Promise<readonly Finding[]> {
  const {variables} = io
  const jobs = await loadCatalogue()
  const triggers = connectTriggers({jobs, environment: target, io, signal})
  if (target.name !== 'local') {
    const {cloudChecks} = await import('./cloud-checks.ts')
    const gcloud = createGcloud({env: {...variables}, projectId: target.projectId, signal})
    return lookAtAll(cloudChecks({target, jobs, variables, gcloud, triggers}), signal)
  }
  const folder = sandboxFolderOf(variables)
  const {connect} = await import('../environment/connect.ts')
  const connection = await connect(target, {
    jobs,
    folder,
    isLooking: true,
    onStart: () => io.tell(styleText('gray', 'Starting the sandbox to look at it (`npm run local` keeps it up)…')),
  })
  try {
    const {localChecks} = await import('./local-checks.ts')
    const {projectId} = target
    const nodeVersion = process.versions.node
    return await lookAtAll(localChecks({jobs, folder, projectId, connection, triggers, nodeVersion}), signal)
  } finally {
    await connection.close()
  }
}

function formatFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({what}) => what.length))
  return findings
    .flatMap(({what, state, detail, remedy}) => {
      const {mark, style} = looks[state]
      const line = `${styleText(style, mark)} ${what.padEnd(width)}  ${detail}`
      return remedy === undefined ? [line] : [line, `${' '.repeat(width + 4)}${styleText('gray', `→ ${remedy}`)}`]
    })
    .join('\n')
}

function summarize(wrong: number, unknown: number): string {
  if (wrong > 0) return styleText('red', wrong === 1 ? '1 thing is wrong.' : `${wrong} things are wrong.`)
  if (unknown > 0) return styleText('yellow', `Nothing is wrong as far as could be seen; ${unknown} unknown.`)
  return styleText('green', 'Everything is there.')
}
