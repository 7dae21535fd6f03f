import {access} from 'node:fs/promises'
import {join} from 'node:path'

/** Files that describe the operator's agent to itself; manual jobs go on without them, with a warning. */
const files = ['IDENTITY.md', 'CONTEXT.md']

/** @returns a line for each file that is missing below `<home>/.openclaw/workspace`. */
export async function missingWorkspaceFiles(home: string): Promise<string[]> {
  const folder = join(home, '.openclaw', 'workspace')
  const checks = files.map(async file => {
    const isThere = await access(join(folder, file)).then(
      () => true,
      () => false,
    )
    return isThere ? [] : [`${join('~', '.openclaw', 'workspace', file)} is missing; the job runs without it`]
  })
  return (await Promise.all(checks)).flat()
}
