import {type ChildProcess, execFile, spawn} from 'node:child_process'
import {readdir} from 'node:fs/promises'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {promisify} from 'node:util'

const run = promisify(execFile)

const startTimeoutMilliseconds = 30_000

export type PubSubEmulator = {
  /** `127.0.0.1:port`. */
  readonly host: string
  readonly port: number
  /** Of its Java process. */
  readonly pid: number
  readonly stop: () => Promise<void>
}

/**
 * Starts Google's Pub/Sub emulator from the Cloud SDK on this machine. Its Java process is started directly: `gcloud beta
 * emulators` would put itself and a shell in between, and leave Java running when it is killed.
 *
 * @param print told why there is none.
 * @returns undefined where the SDK, its emulator or Java is missing.
 * @throws Error when it is there and does not start.
 */
export async function startPubSubEmulator(print: (line: string) => void): Promise<PubSubEmulator | undefined> {
  const jar = await findJar()
  if ('missing' in jar) {
    print(`Google's Pub/Sub emulator is not used: ${jar.missing}`)
    return undefined
  }
  const port = await findFreePort()
  const java = spawn('java', ['-jar', jar.path, '--host=127.0.0.1', `--port=${port}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  await waitForStart(java)
  return {host: `127.0.0.1:${port}`, port, pid: java.pid ?? 0, stop: () => stop(java)}
}

async function findJar(): Promise<{path: string} | {missing: string}> {
  const root = await outputOf('gcloud', ['info', '--format=value(installation.sdk_root)'])
  if (root === undefined) return {missing: 'gcloud is not installed'}
  if ((await outputOf('java', ['-version'])) === undefined) return {missing: 'java is not installed'}
  const folder = join(root, 'platform', 'pubsub-emulator', 'lib')
  const jar = (await readdir(folder).catch(() => [])).find(name => /^cloud-pubsub-emulator-.*\.jar$/.test(name))
  if (jar === undefined) return {missing: 'the Cloud SDK has no component pubsub-emulator'}
  return {path: join(folder, jar)}
}

/** undefined when the program can't be run. */
async function outputOf(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await run(program, args)).stdout.trim()
  } catch {
    return undefined
  }
}

/** The emulator takes no port 0: one that the system has just given, and that is free again. */
function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}

async function waitForStart(java: ChildProcess): Promise<void> {
  const lines: string[] = []
  const isStarted = new Promise<void>((resolve, reject) => {
    if (java.stderr === null) return
    createInterface(java.stderr).on('line', line => {
      lines.push(line)
      if (line.includes('Server started')) resolve()
    })
    const giveUp = (why: string) => reject(new Error(`Google's emulator ${why}:\n${lines.join('\n')}`))
    const timer = setTimeout(() => giveUp('did not start in time'), startTimeoutMilliseconds)
    timer.unref()
    java.once('error', error => giveUp(`could not be started, ${error.message}`))
    java.once('exit', code => giveUp(`ended with code ${code}`))
  })
  try {
    await isStarted
  } catch (error) {
    await stop(java)
    throw error
  }
}

async function stop(java: ChildProcess): Promise<void> {
  if (java.exitCode !== null || java.signalCode !== null) return
  const ended = new Promise(resolve => java.once('exit', resolve))
  // It keeps nothing on disk, so there is nothing to end gracefully.
  java.kill('SIGKILL')
  await ended
}
