import {access} from 'node:fs/promises'
import {homedir} from 'node:os'
import {join} from 'node:path'
import {styleText} from 'node:util'
import {parseOutsidePath} from '../../lib/environment/outside-path.ts'
import {ConfigurationError} from '../../lib/errors/configuration-error.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import type {CommandIo} from '../cli/command-io.ts'

/** Files that describe the operator's agent to itself; manual jobs run without them, with a warning. */
const files = ['IDENTITY.md', 'CONTEXT.md']
const shown = join('~', '.openclaw', 'workspace')

/** Warns of what is missing. The sandbox is for everybody, also where there is no operator's agent. */
export async function warnOfMissingWorkspace(
  {env, stderr}: Pick<CommandIo, 'env' | 'stderr'>,
  {name}: TargetEnvironment,
): Promise<void> {
  if (name === 'local') return
  for (const line of await missingWorkspaceFiles(env)) stderr(styleText('yellow', `warning: ${line}`))
}

/**
 * The check before a manual job; it never stops one.
 *
 * @param variables HOME says where the workspace is; without it, the password file.
 * @returns a line for each file that is missing below `<home>/.openclaw/workspace`.
 */
export async function missingWorkspaceFiles(
  variables: Readonly<Record<string, string | undefined>>,
): Promise<string[]> {
  const home = homeOf(variables)
  if (home === undefined) return [`${shown} was not checked: this user has no home folder; the job runs without it`]
  let folder: string
  try {
    folder = parseOutsidePath('HOME', join(home, '.openclaw', 'workspace'))
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return [`${shown} was not checked: ${error.problems.join('; ')}; the job runs without it`]
  }
  const checks = files.map(async file => {
    const isThere = await access(join(folder, file)).then(
      () => true,
      () => false,
    )
    return isThere ? [] : [`${join(shown, file)} is missing; the job runs without it`]
  })
  return (await Promise.all(checks)).flat()
}

function homeOf(variables: Readonly<Record<string, string | undefined>>): string | undefined {
  const {HOME} = variables
  if (HOME !== undefined && HOME !== '') return HOME
  try {
    return homedir()
  } catch {
    return undefined
  }
}
