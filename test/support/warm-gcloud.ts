import {execFile, spawn} from 'node:child_process'
import {chmod, mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import * as z from 'zod'

const server = fileURLToPath(new URL('./warm-gcloud.py', import.meta.url))
const infoSchema = z.object({
  basic: z.object({python_location: z.string()}),
  installation: z.object({sdk_root: z.string()}),
})

export type WarmGcloud = {
  /** To be put first in PATH: its `gcloud` is the installed one, loaded already. */
  readonly folder: string
  readonly stop: () => Promise<void>
}

/**
 * Loads the installed gcloud once, and runs each command in a fork of that: a deployment is a hundred commands, and each
 * takes a second of a core to load. It is gcloud's own code, arguments and requests.
 */
export async function startWarmGcloud(): Promise<WarmGcloud> {
  const root = await mkdtemp(join(tmpdir(), 'warm-'))
  const env = {...process.env, CLOUDSDK_CONFIG: join(root, 'config'), CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true'}
  const {stdout} = await promisify(execFile)('gcloud', ['info', '--format=json'], {env, maxBuffer: 1 << 24})
  const {basic, installation} = infoSchema.parse(JSON.parse(stdout))
  const address = join(root, 'gcloud.sock')
  const child = spawn(basic.python_location, ['-S', server, installation.sdk_root, address], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve())
    child.once('error', reject).once('exit', code => reject(new Error(`the warm gcloud ended with ${code}`)))
  })
  const folder = join(root, 'bin')
  await mkdir(folder)
  await writeFile(join(folder, 'gcloud'), clientSource(basic.python_location, address))
  await chmod(join(folder, 'gcloud'), 0o755)
  return {
    folder,
    async stop() {
      const ended = new Promise(resolve => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
      await rm(root, {recursive: true, force: true})
    },
  }
}

/** Hands over arguments, environment and output, and ends as the command does. */
function clientSource(python: string, address: string): string {
  return `#!${python} -ISE
import array, json, os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(${JSON.stringify(address)})
request = {'args': sys.argv[1:], 'env': dict(os.environ), 'cwd': os.getcwd()}
fds = array.array('i', [1, 2])
s.sendmsg([b'{'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
s.sendall(json.dumps(request)[1:].encode() + b'\\n')
code = s.recv(16)
os._exit(int(code) if code else 1)
`
}
