import assert from 'node:assert/strict'
import {parseEnvironment} from '../../lib/environment/environment.ts'
import {toPrintable} from '../../lib/log/printable.ts'
import {parseMigrationFiles} from '../../lib/migrations/migration-file.ts'
import {parseRunRequest} from '../../lib/run/run-request.ts'
import {findHarm, hostileTexts} from '../support/hostile-texts.ts'
import {createSampleJob} from '../support/sample-job.ts'

const short = (text: string) => JSON.stringify(text.slice(0, 40))

describe('hostile input', () => {
  const variables = {GCP_PROJECT_ID: 'cloudact-testing-1', ENVIRONMENT: 'staging'}
  // Any text is a folder's name; that nothing is there is said when it is read.
  const names = [
    'GCP_PROJECT_ID',
    'ENVIRONMENT',
    'API_SERVICE_URL',
    'SUPABASE_API_URL',
    'DAYS_TO_KEEP',
    'LOG_FORMAT',
    'JOB_TIMEOUT_SECONDS',
    'LEASE_SECONDS',
    'BIGQUERY_EMULATOR_HOST',
    'PUBSUB_EMULATOR_HOST',
    'CA_ROOT_API_KEY',
  ]

  for (const name of names) {
    it(`in the variable ${name} is refused by its name, and never shown`, () => {
      for (const text of hostileTexts) {
        // A key may be any visible characters; an empty variable is one that was left out.
        const isFine = text === '' || (name === 'CA_ROOT_API_KEY' && /^[\x21-\x7e]+$/.test(text))
        if (isFine) continue
        assert.throws(
          () => parseEnvironment({...variables, CA_ROOT_API_KEY: 'k'.repeat(20), [name]: text}, ['CA_ROOT_API_KEY']),
          (error: Error) => {
            assert.equal(error.name, 'ConfigurationError', short(text))
            assert.ok(error.message.includes(name), error.message)
            if (text.length > 8) assert.equal(error.message.includes(text), false, short(text))
            return true
          },
        )
      }
    })
  }

  it('in the name of a migration is refused, or left out as no SQL file', () => {
    for (const text of hostileTexts) {
      for (const name of [text, `${text}.sql`, `01_${text}.sql`]) {
        try {
          const files = parseMigrationFiles([{name, bytes: Buffer.from('select 1')}])
          for (const file of files) assert.match(file.name, /^[\w.-]+\.sql$/)
        } catch (error) {
          assert.ok(error instanceof Error && error.name === 'ConfigurationError', `${short(name)}: ${error}`)
          // As every message is that reaches a log or a terminal.
          assert.equal(findHarm(toPrintable(error.message)), undefined)
        }
      }
    }
  })

  it('in a message’s attributes makes it unreadable, or is taken for nothing', () => {
    const job = createSampleJob()
    const message = {
      topic: job.topic,
      subscription: undefined,
      traceparent: undefined,
      data: Buffer.from('{}'),
      messageId: '1',
      publishTime: new Date('2026-11-23T08:00:00Z'),
    }
    for (const name of ['runId', 'job', 'trigger', 'requestedBy', 'part', 'replays', 'traceparent']) {
      for (const text of hostileTexts) {
        try {
          const request = parseRunRequest(job, {...message, attributes: {job: job.name, [name]: text}})
          assert.match(request.runId, /^sample@[\w:.-]+$/)
          assert.ok(Number.isSafeInteger(request.part))
        } catch (error) {
          assert.ok(error instanceof Error && error.name === 'InvalidMessageError', `${name} ${short(text)}: ${error}`)
        }
      }
    }
    assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false)
  })
})
