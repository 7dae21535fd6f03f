import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {installAnalyzer} from './install-analyzer.ts'

/*
 * `npm run test:googlesql`: every statement that the commands, the jobs and the unit tests send to BigQuery is collected
 * from the sandbox, and checked by Google's own analyzer. Where that can't be had, this says why, and nothing has failed.
 */
const root = fileURLToPath(new URL('../../', import.meta.url))
/** The unit tests of what sends statements, and a run of all commands and all jobs. */
const specs = [
  'test/lib/ledger/*.test.ts',
  'test/lib/bigquery/*.test.ts',
  'test/deploy/local/ledger-setup.test.ts',
  'test/googlesql/jobs-and-commands.collect.ts',
]

async function mocha(files: readonly string[], env: Record<string, string>): Promise<boolean> {
  const args = ['--no-config', '--require', './test/support/root-hooks.ts', '--timeout', '120000', ...files]
  const path = join(root, 'node_modules/mocha/bin/mocha.js')
  const child = spawn(process.execPath, [path, ...args], {cwd: root, stdio: 'inherit', env: {...process.env, ...env}})
  const [code] = await once(child, 'exit')
  return code === 0
}

const installed = await installAnalyzer(line => void process.stdout.write(`${line}\n`))
if ('reason' in installed) {
  process.stdout.write(`${installed.reason}: the GoogleSQL tier is skipped\n`)
} else {
  const folder = await mkdtemp(join(tmpdir(), 'googlesql-'))
  const env = {GOOGLESQL_STATEMENTS: join(folder, 'statements.ndjson')}
  process.stdout.write('collecting the statements from the sandbox\n')
  const isCollected = await mocha(specs, env)
  const isRight = await mocha(['test/googlesql/*.googlesql.ts'], env)
  await rm(folder, {recursive: true})
  process.exitCode = isCollected && isRight ? 0 : 1
}
