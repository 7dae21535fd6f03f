import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {fileURLToPath} from 'node:url'
import {loadCatalogue} from '../../deploy/catalogue/catalogue.ts'
import {loadDeadLetters} from '../../deploy/dead-letters/load-dead-letters.ts'
import {createDeadLetterQueue, type DeadLetterQueue} from '../../deploy/environment/dead-letter-queue.ts'
import {localProjectId} from '../../deploy/local/sandbox.ts'
import type {Job} from '../../lib/job/job.ts'
import {startTestSandbox, type TestSandbox, until} from '../support/test-sandbox.ts'

const dying = fileURLToPath(new URL('../support/replay-then-die.ts', import.meta.url))

/** A replay that is killed at its worst moment, again and again: no letter is lost, and none runs what has run. */
describe('a replay that is killed before it is done', function () {
  this.timeout(120_000)
  let jobs: readonly Job[]
  let queue: DeadLetterQueue
  let sandbox: TestSandbox

  before(async () => {
    jobs = await loadCatalogue()
    sandbox = await startTestSandbox({warm: 'cloudact-manual-bootstrap'})
    const host = sandbox.addresses.pubSubHost
    queue = createDeadLetterQueue({projectId: localProjectId, host, pauseMilliseconds: 20, random: Math.random})
  })
  after(async () => {
    await sandbox.stop()
  })

  async function refuse(runId: string): Promise<string> {
    const response = {status: 400, body: {detail: 'no'}}
    sandbox.adminApi.faults.inject({path: /bootstrap\/status$/, kind: 'status', response})
    const end = await sandbox.run('bootstrap', runId)
    return end.error?.deadLetterId ?? ''
  }

  const listed = async () => {
    const sources = {queue, ledger: sandbox.ledger, jobs, now: () => new Date()}
    const {deadLetters} = await loadDeadLetters(sources, {}, new AbortController().signal)
    return deadLetters.map(({id}) => id)
  }

  for (const moment of ['before publishing', 'after publishing'] as const) {
    it(`keeps the letter when it is killed ${moment}`, async () => {
      const name = moment.replace(' ', '-')
      const id = await refuse(name)
      const {pubSubHost, bigQueryUrl} = sandbox.addresses
      const child = spawn(process.execPath, [dying, localProjectId, pubSubHost, bigQueryUrl, id, moment], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL'])
      if (moment === 'after publishing') {
        await until('the replay has succeeded', async () => {
          const history = await sandbox.ledger.history(`bootstrap@${name}`)
          return history.find(({event}) => event === 'succeeded')
        })
      }
      // The lease of the one that was killed ends first.
      const found = await until('the letter is back', async () => ((await listed()).includes(id) ? true : undefined))
      assert.equal(found, true)
    })
  }
})
