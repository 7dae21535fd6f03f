import assert from 'node:assert/strict'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {projectRoot} from '../../../deploy/catalogue/catalogue.ts'

/*
 * The publisher is small to read: from `npm run publish -- bootstrap prod` to the message on the wire these files are what a
 * reader passes, each of which leads to the next by what it imports or calls.
 */
const path = [
  {file: 'package.json', leads: '"publish": "node deploy/start.mjs publish"'},
  {file: 'deploy/start.mjs', leads: 'commands/'},
  {file: 'deploy/commands/publish.ts', leads: 'await runCommand(runPublish)'},
  {file: 'deploy/publish/publish.ts', leads: 'await publishRun(connection, planned)'},
  {file: 'deploy/environment/connect.ts', leads: 'createMessagePublisher({projectId, host: undefined})'},
  {file: 'deploy/publish/publish-run.ts', leads: 'publisher.publish(job.topic,'},
  {file: 'lib/run/message-publisher.ts', leads: 'publishMessage('},
]

describe('the way of a message', () => {
  it('goes from the command to the wire through at most eight files', async () => {
    for (const {file, leads} of path) {
      assert.ok((await readFile(join(projectRoot, file), 'utf8')).includes(leads), `${file} leads on by ${leads}`)
    }
    assert.ok(path.length <= 8)
  })

  it('loads Pub/Sub and BigQuery once there is something to publish, and no other client', async () => {
    const text = await readFile(join(projectRoot, 'deploy/publish/publish.ts'), 'utf8')
    assert.match(text, /await import\('\.\.\/environment\/connect\.ts'\)/)
    assert.doesNotMatch(text, /^import (?!type).*(connect\.ts|message-publisher|run-ledger)/m)
  })
})
