import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import * as z from 'zod'
import {projectRoot} from '../../../deploy/catalogue/catalogue.ts'
import {hasPseudoTerminal, openTerminal} from '../../support/pseudo-terminal.ts'
import {startTestSandbox, type TestSandbox} from '../../support/test-sandbox.ts'

const columns = 80
const start = `'${process.execPath}' deploy/start.mjs`

/** What each command ends with, and must print: on a terminal of 80 columns, where lines are wrapped, and in a pipe. */
const rows: readonly (readonly [words: string, exitCode: number, printed: RegExp])[] = [
  ['list local', 0, /9 jobs in local [\s\S]*1 thing needs you: 1 dead letter to review: npm run dead-letters -- local/],
  [
    'doctor local',
    0,
    /✔ functions +9 declared and served[\s\S]*! faults +daily-quota-cleanup:500[\s\S]*Nothing is wrong; 1 warning\./,
  ],
  ['runs local', 0, /bootstrap@refused +failed[\s\S]*a cause at the very end/],
  ['runs local --stats', 0, /job +runs +success +p50 +p95 +trend\s+bootstrap +2 +50\.0 %/],
  [
    'runs local bootstrap@refused',
    0,
    /version[\s\S]*failed \(permanent\)[\s\S]*a cause at the very end[\s\S]*npm run replay -- local ID/,
  ],
  ['runs local bootstrap@done --follow', 0, /✔ succeeded in .* fresh bootstrap: 30 tables created/],
  ['logs local bootstrap@done', 0, /info {2}bootstrap #1 OpenClaw initializing[\s\S]*succeeded/],
  ['logs local bootstrap@done --follow', 0, /info {2}bootstrap #1 OpenClaw initializing[\s\S]*succeeded/],
  ['cancel local bootstrap@done', 0, /bootstrap@done is over already: succeeded/],
  ['dead-letters local', 0, /1 dead letter in local[\s\S]*a cause at the very end/],
  [
    'dead-letters local show ID',
    0,
    /attempts +1, from (?=[\s\S]*a cause at the very end)[\s\S]*npm run replay -- local ID/,
  ],
  [
    'dead-letters local discard --all --reason x --dry-run',
    0,
    /ID {2}bootstrap@refused would be discarded \(permanent/,
  ],
  ['replay local ID --dry-run', 0, /ID {2}bootstrap@refused would be published to manual-jobs/],
  ['release local --dry-run', 0, /bootstrap \| not run \|/],
  [
    'publish stale-cleanup local --dry-run',
    0,
    /Would be published:\s+topic +cloudact-daily-stale-cleanup\s+attributes +job=daily-stale-cleanup\s+runId=\S+\s+trigger=manual\s+requestedBy=\S+\s+data +\{\}\s+with defaults +\{.*\}\s+Dry run: nothing was published\./,
  ],
  ['publish nonsense local', 2, /there is no job "nonsense"\n$/],
  ['publish bootstrap local --arg foo=1', 2, /Arguments of bootstrap:[\s\S]*bootstrap: Unrecognized key: "foo"\n$/],
  ['runs local nonsense', 2, /"nonsense" is no run id/],
  ['migrations local', 0, /file +state[\s\S]*would apply/],
  ['catch-up local --dry-run', 0, /Nothing was missed in local/],
  ['faults local list', 0, /daily-quota-cleanup:500 +1 more/],
  ['faults local add', 2, /A fault is [\s\S]*\nadd which fault\?\n$/],
  ['sandbox requests --limit 3', 0, /TIME +FROM +TO +REQUEST +ANSWER[\s\S]*the newest 3 of \d+/],
  ['sandbox notifications', 0, /globex_2025 +cost_threshold/],
  ['sandbox organizations', 0, /acme_inc +ACTIVE/],
  ['sandbox tables', 0, /scheduler_jobs\.job_runs +\d+/],
]

const scripts = [
  ...[
    'publish',
    'dead-letters',
    'replay',
    'runs',
    'logs',
    'cancel',
    'list',
    'migrations',
    'doctor',
    'release',
    'pause',
  ],
  ...['resume', 'catch-up', 'local', 'sandbox', 'faults', 'console', 'deploy', 'build', 'new', 'readme'],
]

describe('each command on a terminal of 80 columns, and in a pipe', function () {
  this.timeout(120_000)
  let folder: string
  let sandbox: TestSandbox
  let id: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'terminal-and-pipe-'))
    sandbox = await startTestSandbox({folder, warm: 'cloudact-manual-bootstrap'})
    await sandbox.run('bootstrap', 'done')
    await sandbox.run('daily-alerts', 'sent')
    const detail = `${'because of what came before it, '.repeat(6)}a cause at the very end`
    sandbox.adminApi.faults.inject({
      path: /bootstrap\/status$/,
      kind: 'status',
      response: {status: 400, body: {detail}},
    })
    id = (await sandbox.run('bootstrap', 'refused')).error?.deadLetterId ?? ''
    assert.equal((await pipe(`${start} faults local add quota-cleanup:500`)).code, 0)
  })
  after(async () => {
    await sandbox.stop()
    await rm(folder, {recursive: true})
  })

  const environment = () => ({PATH: process.env['PATH'] ?? '', HOME: folder, SANDBOX_FOLDER: folder})

  async function pipe(line: string): Promise<{code: number | null; printed: string}> {
    const child = spawn('sh', ['-c', `{ ${line}; } 2>&1`], {
      cwd: projectRoot,
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [printed] = await Promise.all([text(child.stdout), once(child, 'close')])
    return {code: child.exitCode, printed}
  }

  async function terminal(line: string): Promise<{code: number | null; printed: string}> {
    const opened = openTerminal(line, {columns, env: environment()})
    return {code: await opened.ended, printed: opened.printed()}
  }

  for (const [words, exitCode, expected] of rows) {
    it(words, async () => {
      const line = `${start} ${words.replace('ID', id)}`
      const wanted = new RegExp(expected.source.replaceAll('ID', id))
      const inPipe = await pipe(line)
      assert.equal(inPipe.code, exitCode, inPipe.printed)
      assert.match(inPipe.printed.replaceAll(/ {2}would/g, ' would'), wanted)
      assert.ok(!inPipe.printed.includes('\u001b'), 'no styles in a pipe')
      if (!hasPseudoTerminal) return process.stdout.write('    no script(1) of util-linux: not on a terminal\n')
      const shown = await terminal(line)
      assert.equal(shown.code, exitCode, shown.printed)
      const joined = shown.printed.replaceAll(/ *\n {2,}(?=\S)/g, ' ').replaceAll(/(?<=\S)\n(?=\S)/g, ' ')
      assert.ok(
        [shown.printed, joined].some(printed => wanted.test(printed.replaceAll(/ {2}would/g, ' would'))),
        shown.printed,
      )
      // Commands to be copied stand on one line each; so do log lines, and a release's summary for its ticket.
      const mayBeWide = /npm run|^\||^## |^\d{4}-\d\d-\d\d .* (info|warn|error) /
      assert.deepEqual(
        shown.printed
          .split('\n')
          // A live line that was rewritten.
          .map(printed => printed.slice(printed.lastIndexOf('\r') + 1))
          .filter(printed => printed.length > columns && !mayBeWide.test(printed)),
        [],
      )
      return undefined
    })
  }

  it('names every script of package.json that is a command', async () => {
    const schema = z.object({scripts: z.record(z.string(), z.string())})
    const manifest = schema.parse(JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')))
    const commands = Object.entries(manifest.scripts).filter(([, script]) => script.startsWith('node deploy/start.mjs'))
    assert.deepEqual(commands.map(([name]) => name).toSorted(), scripts.toSorted())
  })

  it('prints the help of each, in 80 columns, and does nothing else', async () => {
    const {code, printed} = await pipe(`for name in ${scripts.join(' ')}; do ${start} $name --help || exit 1; done`)
    assert.equal(code, 0, printed)
    for (const name of scripts) assert.ok(printed.includes(`Usage: npm run ${name}`), name)
    assert.deepEqual(
      printed.split('\n').filter(line => line.length > columns && !line.startsWith('npm run ')),
      [],
    )
    assert.doesNotMatch(printed, /default: (\[|\{|"|0)(?!migrate)/)
  })
})
