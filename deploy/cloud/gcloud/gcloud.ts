import spawn from 'cross-spawn'
import createLimit from 'p-limit'
import {toGcloudError} from './gcloud-error.ts'

/**
 * Runs the operator's own `gcloud`.
 *
 * @param args one each: no shell reads them.
 * @returns what it printed on standard output.
 * @throws GcloudError
 */
export type Gcloud = (args: readonly string[]) => Promise<string>

/** At a time: each is a process that keeps a core busy for a second, and Google has limits of its own. */
const concurrency = 4

/** @param options.env gcloud's whole environment. */
export function createGcloud(options: {
  readonly env: NodeJS.ProcessEnv
  readonly projectId: string
  readonly signal: AbortSignal
}): Gcloud {
  const {env, projectId, signal} = options
  // Never the project that the operator's configuration happens to name, and never a question.
  const common = [`--project=${projectId}`, '--quiet']
  const limit = createLimit(concurrency)
  const run = (args: readonly string[]) =>
    new Promise<string>((resolve, reject) => {
      signal.throwIfAborted()
      // On Windows gcloud is a .cmd file, which only cmd.exe starts: cross-spawn finds it and escapes the arguments.
      const child = spawn('gcloud', [...args, ...common], {env, stdio: ['ignore', 'pipe', 'pipe'], signal})
      const printed = {stdout: '', stderr: ''}
      for (const stream of ['stdout', 'stderr'] as const) {
        child[stream]?.setEncoding('utf8').on('data', (text: string) => {
          printed[stream] += text
        })
      }
      child.once('error', cause => reject(toGcloudError(args, {cause, text: printed.stderr})))
      child.once('close', code => {
        if (code === 0) resolve(printed.stdout)
        else reject(toGcloudError(args, {text: printed.stderr || `exit code ${code}`}))
      })
    })
  return args => limit(run, args)
}
