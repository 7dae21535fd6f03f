import {execFile, spawn} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'

/*
 * `npm run rehearse`: a project from nothing to green. The real gcloud deploys to a recorder that refuses what Google
 * refuses of a first deployment; what it then holds runs on this machine.
 */
const reason = await promisify(execFile)('gcloud', ['--version']).then(
  () => (process.platform === 'win32' ? 'it needs Unix sockets' : undefined),
  () => 'gcloud is not installed on this machine',
)
if (reason === undefined) {
  const mocha = fileURLToPath(new URL('../../node_modules/mocha/bin/mocha.js', import.meta.url))
  const options = ['--no-config', '--bail', '--require', './test/support/root-hooks.ts']
  const child = spawn(process.execPath, [mocha, ...options, 'test/rehearsal/*.rehearsal.ts'], {stdio: 'inherit'})
  child.once('exit', code => {
    process.exitCode = code ?? 1
  })
} else {
  process.stdout.write(`the rehearsal of the cloud is skipped: ${reason}\n`)
}
