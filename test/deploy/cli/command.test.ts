import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {text} from 'node:stream/consumers'
import {projectRoot} from '../../../deploy/catalogue/catalogue.ts'
import {runScript} from '../../support/run-script.ts'

/** A command whose main does this. */
const command = (main: string) => `
  import {runCommand} from './deploy/cli/command.ts'
  import {UsageError} from './deploy/cli/usage-error.ts'
  import {ConfigurationError} from './lib/errors/configuration-error.ts'
  import {UnavailableError} from './lib/errors/unavailable-error.ts'
  await runCommand(async (argv, _io, signal) => { ${main} })
`

const rows: [what: string, main: string, exitCode: number, stderr: RegExp][] = [
  ['what main returns', 'return 3', 3, /^$/],
  ['2 for a wrong word', "throw new UsageError('there is no job')", 2, /^there is no job\n$/],
  [
    '2 for a wrong configuration',
    "throw new ConfigurationError(['X is missing'])",
    2,
    /^configuration is wrong: X is missing\n$/,
  ],
  [
    '1 for anything else, with its causes and no stack',
    "throw new UnavailableError('down', {mayHaveExecuted: false}, {cause: new Error('ECONNREFUSED')})",
    1,
    /^down: ECONNREFUSED\n$/,
  ],
  [
    '1 for credentials that are missing, with what to do',
    "throw new Error('Could not load the default credentials. Browse to …')",
    1,
    /^no Google Cloud credentials on this machine: run `gcloud auth application-default login`/,
  ],
  ['1 for an error that would disturb the terminal', "throw new Error('\\u001b[2Jred')", 1, /^red\n$/],
]

describe('runCommand', () => {
  for (const [what, main, exitCode, stderr] of rows) {
    it(`ends with ${what}`, async () => {
      const ended = await runScript(command(main))
      assert.deepEqual([ended.stdout, ended.exitCode], ['', exitCode])
      assert.match(ended.stderr, stderr)
    })
  }

  it('keeps the clients from looking for a metadata server', async () => {
    const ended = await runScript(command('process.stdout.write(process.env.METADATA_SERVER_DETECTION); return 0'))
    assert.equal(ended.stdout, 'none')
  })

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`tells main of ${signal}, and ends at once at the second`, async () => {
      const main =
        "process.stdout.write('ready'); signal.addEventListener('abort', () => process.stdout.write(' stopping')); await new Promise(resolve => setTimeout(resolve, 60_000)); return 0"
      const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', command(main)], {
        cwd: projectRoot,
        env: {},
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = once(child, 'close')
      const written: string[] = []
      const printed = text(child.stdout.on('data', chunk => void written.push(String(chunk))))
      for (const expected of ['ready', 'ready stopping']) {
        while (written.join('') !== expected) await once(child.stdout, 'data')
        child.kill(signal)
      }
      assert.deepEqual([await ended, await printed], [[130, null], 'ready stopping'])
    })
  }
})
