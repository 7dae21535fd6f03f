import {spawn} from 'node:child_process'
import {join} from 'node:path'
import {projectRoot} from '../../deploy/catalogue/catalogue.ts'

export type DeployEnd = {readonly code: number | null; readonly stdout: string; readonly stderr: string}

/**
 * Runs `npm run deploy -- <words>` in a process of its own, without npm in between, and waits for its end.
 *
 * @param options.env its whole environment.
 * @param options.onText gets standard error as it grows, and ends the process as Ctrl-C does.
 */
export async function runDeploy(
  args: readonly string[],
  options: {
    readonly env: NodeJS.ProcessEnv
    readonly onText?: (stderr: string, interrupt: () => void) => void
  },
): Promise<DeployEnd> {
  const {env, onText} = options
  const child = spawn(process.execPath, [join(projectRoot, 'deploy/start.mjs'), 'deploy', ...args], {
    cwd: projectRoot,
    env: {...env, NO_COLOR: '1'},
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts = {stdout: '', stderr: ''}
  child.stdout.setEncoding('utf8').on('data', text => {
    texts.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    texts.stderr += text
    onText?.(texts.stderr, () => child.kill('SIGINT'))
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  return {code, ...texts}
}
