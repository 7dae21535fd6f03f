import {UsageError} from '../cli/usage-error.ts'
import {findRunningSandbox, type SandboxAddresses} from './sandbox-file.ts'
import {sandboxFolderOf} from './sandbox-folder.ts'

/** @throws UsageError where none is running. */
export async function requireRunningSandbox(
  env: Readonly<Record<string, string | undefined>>,
): Promise<SandboxAddresses> {
  const running = await findRunningSandbox(sandboxFolderOf(env))
  if (running !== undefined) return running
  throw new UsageError('no sandbox is running: start it with `npm run local` in another terminal first')
}
