import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {text} from 'node:stream/consumers'
import {fileURLToPath} from 'node:url'
import {compileCache} from './compile-cache.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

export type Ended = {readonly stdout: string; readonly stderr: string; readonly exitCode: number | null}

/**
 * Runs a module's source in a process of its own, in the project's root, and waits for its end.
 *
 * @param env its whole environment, but for the compile cache.
 */
export async function runScript(source: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', source], {
    cwd: root,
    env: {NODE_COMPILE_CACHE: compileCache, ...env},
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return {stdout, stderr, exitCode: child.exitCode}
}
