import {execFile, spawn} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'

/*
 * `npm run test:gcloud`: the deployment by the real gcloud, against a recorder on loopback that plays Google's APIs.
 * Where gcloud is not installed, that is said, and nothing has failed: test/deploy/cloud has the same plans at the level
 * of their arguments.
 */
const isInstalled = await promisify(execFile)('gcloud', ['--version']).then(
  () => true,
  () => false,
)
if (isInstalled) {
  const mocha = fileURLToPath(new URL('../../node_modules/mocha/bin/mocha.js', import.meta.url))
  const options = ['--no-config', '--timeout', '60000', '--require', './test/support/root-hooks.ts']
  const child = spawn(process.execPath, [mocha, ...options, 'test/gcloud/*.gcloud.ts'], {stdio: 'inherit'})
  child.once('exit', code => {
    process.exitCode = code ?? 1
  })
} else {
  process.stdout.write('gcloud is not installed on this machine: the gcloud tier is skipped\n')
}
