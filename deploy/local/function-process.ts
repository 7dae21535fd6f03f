import {type ChildProcess, spawn} from 'node:child_process'
import {createInterface} from 'node:readline'
import {fileURLToPath} from 'node:url'
import * as z from 'zod'

const script = fileURLToPath(new URL('./serve-function.ts', import.meta.url))
/** As Cloud Run: what then still runs is killed. */
export const maxStopMilliseconds = 10_000
/** What V8 compiled of the sources, types stripped: a message is waiting while a function starts. */
const compileCache = fileURLToPath(new URL('../../node_modules/.cache/functions', import.meta.url))
const readySchema = z.object({port: z.number()})

export type FunctionProcess = {
  readonly pid: number
  readonly port: number
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<void>
  /** SIGTERM tells the runs in flight, and waits up to 10 s; SIGKILL is a crash. */
  readonly end: (signal: 'SIGTERM' | 'SIGKILL') => Promise<void>
}

/**
 * Starts a function in a process of its own and waits until it listens.
 *
 * @param options.env the function's whole environment: nothing of this shell's reaches it.
 * @throws Error with what the process printed, if it ended before it listened.
 */
export async function startFunctionProcess(options: {
  readonly env: Readonly<Record<string, string>>
  readonly onLine: (line: string) => void
  /** Holds what kills the process, as long as it is there. */
  readonly alive?: Set<() => void>
}): Promise<FunctionProcess> {
  const {env, onLine, alive} = options
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    env: {...env, NODE_COMPILE_CACHE: compileCache},
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A Ctrl-C in the terminal is for the sandbox, which then ends its functions one by one.
    detached: process.platform !== 'win32',
    windowsHide: true,
  })
  const kill = () => void child.kill('SIGKILL')
  alive?.add(kill)
  const printed: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    createInterface({input: stream}).on('line', line => {
      if (printed.length < 20) printed.push(line)
      onLine(line)
    })
  }
  const ended = new Promise<void>(resolve => child.once('close', () => resolve())).finally(
    () => void alive?.delete(kill),
  )
  const port = await Promise.race([readyPort(child), ended.then(() => undefined)]).catch(error => {
    kill()
    throw error
  })
  if (port === undefined) throw new Error(`the function ended before it was ready:\n${printed.join('\n')}`)
  return {
    pid: child.pid ?? 0,
    port,
    ended,
    async end(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      const tooLong = setTimeout(kill, maxStopMilliseconds)
      await ended
      clearTimeout(tooLong)
    },
  }
}

function readyPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('message', message => {
      const ready = readySchema.safeParse(message)
      if (ready.success) resolve(ready.data.port)
      else reject(new Error('the function said something else than its port'))
    })
  })
}
