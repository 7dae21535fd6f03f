import {spawn} from 'node:child_process'
import {cp, mkdtemp, rm, symlink} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import * as z from 'zod'
import {type Bundle, bundleFunction} from '../../deploy/bundle.ts'
import {projectRoot} from '../../deploy/catalogue.ts'
import type {Job} from '../../lib/job.ts'

const loopback = fileURLToPath(new URL('./loopback-framework.mjs', import.meta.url))
const readySchema = z.object({port: z.int().positive()})

/** Functions' folders as they are in the cloud once their packages are installed: outside the repository. */
export type Staging = {
  readonly stage: (job: Job, below?: string) => Promise<Bundle>
  readonly remove: () => Promise<void>
}

export async function createStaging(): Promise<Staging> {
  const root = await mkdtemp(join(tmpdir(), 'staged-'))
  let installing: Promise<void> | undefined
  return {
    async stage(job, below = 'functions') {
      const bundle = await bundleFunction(job, join(root, below))
      // Every function has the same few packages outside: copied once, and nothing but these.
      installing ??= install(bundle.installed, root)
      await installing
      await symlink(join(root, 'installed/node_modules'), join(bundle.folder, 'node_modules'))
      return bundle
    },
    remove: () => rm(root, {recursive: true}),
  }
}

async function install(paths: readonly string[], root: string): Promise<void> {
  const isNested = (path: string) => path.indexOf('node_modules/') !== path.lastIndexOf('node_modules/')
  for (const path of paths.filter(path => !isNested(path))) {
    await cp(join(projectRoot, path), join(root, 'installed', path), {recursive: true}).catch(ignoreOptional)
  }
}

/** An optional package that is not for this machine is in the lock file and not installed. */
function ignoreOptional(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
}

/** Starts the framework's own command in a staged folder, with nothing of this shell's environment. */
export async function startStaged({folder}: Bundle, env: Readonly<Record<string, string>>) {
  const command = join(folder, 'node_modules/@google-cloud/functions-framework/build/src/main.js')
  const words = ['--import', loopback, command, `--target=${env['FUNCTION_TARGET']}`, '--signature-type=http']
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
