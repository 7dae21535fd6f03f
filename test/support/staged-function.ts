import {spawn} from 'node:child_process'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import * as z from 'zod'
import {type Bundle, bundleFunction} from '../../deploy/bundle.ts'
import type {Job} from '../../lib/job.ts'

const loopback = fileURLToPath(new URL('./loopback-framework.mjs', import.meta.url))
const readySchema = z.object({port: z.int().positive()})

/** Functions' folders as they are in the cloud: outside the repository. */
export type Staging = {
  readonly stage: (job: Job, below?: string) => Promise<Bundle>
  readonly remove: () => Promise<void>
}

export async function createStaging(): Promise<Staging> {
  const root = await mkdtemp(join(tmpdir(), 'staged-'))
  return {
    stage: (job, below = 'functions') => bundleFunction(job, join(root, below)),
    remove: () => rm(root, {recursive: true}),
  }
}

/**
 * Starts a staged folder, with nothing of this shell's environment.
 *
 * @param command the function's own; the link that npm makes to it is another name for the same.
 */
export async function startStaged(
  folder: string,
  env: Readonly<Record<string, string>>,
  command = 'framework/main.mjs',
) {
  const words = ['--import', loopback, join(folder, command)]
  const child = spawn(process.execPath, words, {cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe', 'ipc']})
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => void lines.push(text))
  }
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()))
  const ready = new Promise<unknown>(resolve => child.once('message', resolve))
  const message = await Promise.race([ready, ended.then(() => undefined)])
  if (message === undefined) throw new Error(`the staged function ended before it listened:\n${lines.join('')}`)
  const {port} = readySchema.parse(message)
  return {
    lines,
    /** @returns the status of the answer. */
    async push(body: unknown): Promise<number> {
      const response = await fetch(`http://127.0.0.1:${port}/projects/cloudact-local/topics/manual-jobs`, {
        method: 'POST',
        headers: {'content-type': 'application/json'},
        body: JSON.stringify(body),
      })
      await response.arrayBuffer()
      return response.status
    },
    async stop(): Promise<void> {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await ended
    },
  }
}
