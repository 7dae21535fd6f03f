import {spawn} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {startPubSubEmulator} from './pubsub-emulator.ts'

/*
 * `npm run test:emulator`: the tests that can also run against Google's own Pub/Sub emulator do so, where it is
 * installed. Where it is not, that is said, and nothing has failed.
 */
const specs = [
  'test/deploy/local/pubsub/conformance*.test.ts',
  'test/deploy/environment/dead-letter-queue.test.ts',
  'test/emulator/*.test.ts',
]

const found = await startPubSubEmulator(line => void process.stdout.write(`${line}: the emulator tier is skipped\n`))
await found?.stop()
if (found !== undefined) {
  const mocha = fileURLToPath(new URL('../../node_modules/mocha/bin/mocha.js', import.meta.url))
  const options = [
    '--no-config',
    '--timeout',
    '60000',
    '--require',
    './test/support/root-hooks.ts',
    '--grep',
    "Google's emulator",
  ]
  const child = spawn(process.execPath, [mocha, ...options, ...specs], {
    stdio: 'inherit',
    env: {...process.env, TEST_EMULATOR: '1'},
  })
  child.once('exit', code => {
    process.exitCode = code ?? 1
  })
}
