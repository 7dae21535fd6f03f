import {spawn} from 'node:child_process'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {delimiter, dirname, join} from 'node:path'
import * as z from 'zod'
import {type Bundle, createBundler} from '../../deploy/bundle/bundle.ts'
import {sampleMigrations} from '../../deploy/local/migrations-folder.ts'
import type {Job} from '../../lib/job/job.ts'

// An address, not a path: NODE_OPTIONS ends a word at a blank.
const loopback = new URL('./loopback-framework.mjs', import.meta.url).href
const readySchema = z.object({port: z.int().positive()})

/** Functions' folders as they are in the cloud: outside the repository. */
export type Staging = {
  /** Builds a job's function, once. */
  readonly stage: (job: Job) => Promise<Bundle>
  readonly remove: () => Promise<void>
}

export async function createStaging(): Promise<Staging> {
  const root = await mkdtemp(join(tmpdir(), 'staged-'))
  const staged = new Map<string, Promise<Bundle>>()
  const bundler = await createBundler()
  return {
    async stage(job) {
      const bundle = staged.get(job.functionName) ?? bundler.bundle(job, root, {migrationsFolder: sampleMigrations})
      staged.set(job.functionName, bundle)
      return bundle
    },
    async remove() {
      await bundler.close()
      await rm(root, {recursive: true})
    },
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
  const child = spawn(join(folder, command), {
    cwd: folder,
    env: {
      ...env,
      NODE_OPTIONS: `--import=${loopback}`,
      PATH: [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
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
