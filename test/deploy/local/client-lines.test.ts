import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify, stripVTControlCharacters} from 'node:util'
import {projectRoot} from '../../../deploy/catalogue/catalogue.ts'
import {bothWays, type RunningLine, requireWay} from '../../support/both-ways.ts'
import {createRestClient, pullSome, textOf} from './pubsub/rest-client.ts'

const run = promisify(execFile)
const topic = 'projects/cloudact-local/topics/manual-jobs'
const subscription = 'projects/cloudact-local/subscriptions/watched'

/** The lines of `npm run local`, as they stand there, each by the program that it is for. */
const programs = [
  {
    name: 'gcloud',
    // Its variables, a line each, and the command.
    choose: (lines: readonly string[]) => {
      const from = lines.findIndex(line => line.includes('CLOUDSDK_'))
      return lines.slice(from, lines.findIndex(line => line.includes('gcloud pubsub')) + 1)
    },
    isInstalled: () => run('gcloud', ['--version']),
  },
  {
    name: "Google's client for Python",
    choose: (lines: readonly string[]) => lines.filter(line => /^ +(?:export PUBSUB_|python3 )/.test(line)),
    isInstalled: () => run('python3', ['-c', 'import google.cloud.pubsub_v1']),
  },
  {
    name: "Google's client for Node.js",
    choose: (lines: readonly string[]) => lines.filter(line => /^ +(?:export PUBSUB_|node )/.test(line)),
    isInstalled: async () => undefined,
  },
]

for (const {way, isTerminal, open} of bothWays) {
  describe(`the lines with which other programs reach the sandbox, as npm run local prints them ${way}`, function () {
    this.timeout(120_000)
    let home: string
    let local: RunningLine
    let host: string
    let lines: string[]

    before(async function () {
      requireWay({isTerminal}, this)
      home = await mkdtemp(join(tmpdir(), 'lines-'))
      const line = `trap : INT; '${process.execPath}' deploy/start.mjs local; echo "code $?"`
      local = open(line, {HOME: home, SANDBOX_FOLDER: join(home, 'sandbox')})
      const [, found = ''] = await local.until(/Pub\/Sub +http:\/\/(\S+)[\s\S]*Ctrl-C ends it/)
      host = found
      lines = stripVTControlCharacters(local.printed()).split('\n')
      await createRestClient(host)('PUT', subscription, {topic})
    })
    after(async () => {
      local?.interrupt()
      await local?.ended
      if (home !== undefined) await rm(home, {recursive: true})
      // What its functions still print comes in between.
      if (local !== undefined) assert.match(local.printed(), /Stopping…[\s\S]*\scode 0\s*$/)
    })

    for (const {name, choose, isInstalled} of programs) {
      it(`publish with ${name}`, async function () {
        const reason = await isInstalled().then(
          () => undefined,
          () => `${name} is not installed: its line is not tried`,
        )
        if (reason !== undefined) {
          process.stdout.write(`    ${reason}\n`)
          return this.skip()
        }
        const chosen = choose(lines)
        assert.ok(chosen.length >= 2, lines.join('\n'))
        // Pasted into a shell that knows of no cloud.
        const env = {PATH: process.env['PATH'], HOME: home, CLOUDSDK_CONFIG: home, METADATA_SERVER_DETECTION: 'none'}
        await run('sh', ['-c', chosen.join('\n')], {cwd: projectRoot, env})
        const [message] = await pullSome(createRestClient(host), subscription)
        assert.ok(message !== undefined)
        assert.deepEqual([textOf(message), message.message.attributes], ['{}', {job: 'bootstrap'}])
        const ackIds = [message.ackId]
        await createRestClient(host)('POST', `${subscription}:acknowledge`, {ackIds})
      })
    }
  })
}
