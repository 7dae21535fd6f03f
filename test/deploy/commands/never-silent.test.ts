import assert from 'node:assert/strict'
import {mkdtemp, rename, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {bothWays, type RunningLine, requireWay} from '../../support/both-ways.ts'
import {copyProject} from '../../support/copied-project.ts'
import {type GcloudRecorder, startGcloudRecorder} from '../../support/gcloud-recorder.ts'
import {type GcloudStandIn, startGcloudStandIn} from '../../support/gcloud-stand-in.ts'
import {useSandbox} from '../../support/use-sandbox.ts'

const start = `'${process.execPath}' deploy/start.mjs`
const ended = /code (\d+)/
/** On a terminal the seconds go on while it waits. */
const ticking = (state: string, isTerminal: boolean) => new RegExp(isTerminal ? `${state}[^\\n]*, [1-9]\\d* s` : state)

async function exitCodeOf(running: RunningLine): Promise<string | undefined> {
  const [, code] = await running.until(ended)
  await running.ended
  return code
}

/*
 * Each waits for something that the test holds back until it has read the line that says what is waited for: a command that
 * said nothing would never end.
 */
describe('commands that take longer than a second say what they wait for', function () {
  this.timeout(120_000)

  describe('deploy --plan', () => {
    let gcloud: GcloudStandIn
    let google: GcloudRecorder
    let home: string
    before(async () => {
      const secrets = ['ca-root-api-key-test', 'supabase-access-token-stage']
      gcloud = await startGcloudStandIn({secrets})
      google = await startGcloudRecorder({projectId: 'cloudact-testing-1', projectNumber: '123', secrets})
      home = await mkdtemp(join(tmpdir(), 'never-silent-'))
    })
    after(async () => {
      await gcloud.stop()
      await google.stop()
      await rm(home, {recursive: true})
    })

    for (const {way, isTerminal, open} of bothWays) {
      it(`says ${way} whom it asks, what it bundles and what it reads`, async function () {
        requireWay({isTerminal}, this)
        const gates = new Map(['auth', 'projects'].map(name => [name, Promise.withResolvers<void>()]))
        gcloud.onCall = async ([first = '']) => gates.get(first)?.promise
        const running = open(`${start} deploy stage --plan --only alerts; echo "code $?"`, {
          HOME: home,
          PATH: `${gcloud.folder}:${process.env['PATH']}`,
          BIGQUERY_EMULATOR_HOST: google.url,
          METADATA_SERVER_DETECTION: 'none',
        })
        await running.until(ticking('asking gcloud who is logged in', isTerminal))
        gates.get('auth')?.resolve()
        await running.until(/bundling \d+ functions?/)
        await running.until(ticking('reading what is in stage \\(cloudact-testing-1\\)', isTerminal))
        gates.get('projects')?.resolve()
        assert.equal(await exitCodeOf(running), '0', running.printed())
        assert.match(running.printed(), /reading what is in stage[\s\S]*\+ create +function cloudact-daily-alerts\n/)
      })
    }
  })

  describe('build', () => {
    for (const {way, isTerminal, open} of bothWays) {
      it(`says ${way} how many functions are bundled`, async function () {
        requireWay({isTerminal}, this)
        const running = open(`${start} build; echo "code $?"`, {})
        assert.equal(await exitCodeOf(running), '0', running.printed())
        const [, first, last] =
          /into dist\/: (\d) done[\s\S]*into dist\/: (\d) done[\s\S]*^\s*cloudact-daily-alerts +\d+ KB/m.exec(
            running.printed(),
          ) ?? []
        assert.deepEqual([first, last], ['0', '9'], running.printed())
      })
    }
  })

  describe('in a project that was just installed', () => {
    let root: string
    let go: string
    before(async () => {
      root = await copyProject()
      go = join(root, '../go')
      // The real one, once the test has read what is waited for.
      await rename(join(root, 'deploy/bundle/prepare-commands.ts'), join(root, 'deploy/bundle/really-prepare.ts'))
      const held = `import {existsSync} from 'node:fs'
import {setTimeout} from 'node:timers/promises'
import {prepareCommands as prepare} from './really-prepare.ts'
export async function prepareCommands(folder: string) {
  while (!existsSync(${JSON.stringify(go)})) await setTimeout(20)
  await prepare(folder)
}
`
      await writeFile(join(root, 'deploy/bundle/prepare-commands.ts'), held)
    })
    after(() => rm(dirname(root), {recursive: true}))

    for (const {way, isTerminal, open} of bothWays) {
      it(`the first command says ${way} that it prepares the commands`, async function () {
        requireWay({isTerminal}, this)
        await rm(go, {force: true})
        await rm(join(root, 'node_modules/.cache'), {force: true, recursive: true})
        const running = open(`'${process.execPath}' '${root}/deploy/start.mjs' list --help; echo "code $?"`, {
          HOME: root,
        })
        await running.until(ticking('preparing the commands, once for this state of the sources', isTerminal))
        await writeFile(go, '')
        assert.equal(await exitCodeOf(running), '0', running.printed())
        assert.match(running.printed(), /^\s*preparing [\s\S]*Usage: npm run list/)
      })
    }
  })

  describe('doctor', () => {
    const scene = useSandbox()

    for (const {way, isTerminal, open} of bothWays) {
      it(`prints ${way} what it knows while the API does not answer, and ends with Ctrl-C`, async function () {
        requireWay({isTerminal}, this)
        const giveBack = scene.sandbox.adminApi.faults.inject({path: /./, kind: 'hang', times: 9})
        const running = open(`trap : INT; ${start} doctor local; echo "code $?"`, {
          HOME: scene.folder,
          SANDBOX_FOLDER: scene.folder,
        })
        try {
          await running.until(/checking Node, folder, [\s\S]*admin\s+API/)
          await running.until(/✔ functions +9 declared and served[\s\S]*✔ run ledger +answers/)
          if (isTerminal) await running.until(/checking admin API: \d+ of 11 done, \d+ s/)
          running.interrupt()
          // The API doesn't answer until then, or doctor might be done before the signal reaches it.
          assert.equal(await exitCodeOf(running), '130', running.printed())
        } finally {
          giveBack()
        }
        assert.doesNotMatch(running.printed(), /[✔✖] admin API|All checks passed/)
      })
    }
  })
})
