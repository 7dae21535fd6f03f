import assert from 'node:assert/strict'
import * as z from 'zod'
import {type Ended, runScript} from '../../support/run-script.ts'

const key = 'k3y+of/the=root'

/** What is logged, once for Google and once for a person. */
const script = `
  import {createLog} from './lib/log/log.ts'
  import {createRedact} from './lib/log/redact.ts'
  const log = await createLog({
    format: process.env.FORMAT,
    service: 'cloudact-manual-sample',
    projectId: 'cloudact-testing-1',
    redact: createRedact({CA_ROOT_API_KEY: ${JSON.stringify(key)}}),
  })
  const run = log
    .child({job: 'sample', runId: 'sample@1'}, '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')
    .child({attempt: '2'})
  run.info('done', {counts: {done: 3}, level: 'odd'})
  run.warn('80%d of %s done', {counts: {done: 4}})
  run.error('broke', new TypeError('outer', {cause: new Error('inner')}), {part: 1})
  run.info('the key is ${key}', {key: [${JSON.stringify(key)}], text: encodeURIComponent(${JSON.stringify(key)})})
  run.error('with the key', new Error('not ${key}'))
  run.info('two\\nlines \\u001b[31mred')
  run.debug('too much')
  log.child({job: 'sample'}, 'no trace').info('bare')
`

const lineSchema = z.looseObject({severity: z.string(), message: z.string()})

describe('createLog', () => {
  describe('for Cloud Logging', () => {
    let ended: Ended
    let lines: z.infer<typeof lineSchema>[]
    before(async () => {
      ended = await runScript(script, {FORMAT: 'cloud', METADATA_SERVER_DETECTION: 'none'})
      const printed = ended.stdout.split('\n').filter(line => line !== '')
      lines = printed
        .map((line): unknown => JSON.parse(line))
        // The library tells about itself, once a process.
        .filter(line => !isAboutLibrary(line))
        .map(line => lineSchema.parse(line))
    })

    it('prints one JSON object a line, on standard output alone', () => {
      assert.deepEqual([ended.stderr, ended.exitCode, lines.length], ['', 0, 7])
    })

    it('is flat: severity, message, values, trace and labels', () => {
      assert.partialDeepStrictEqual(lines[0], {
        severity: 'INFO',
        message: 'done',
        counts: {done: 3},
        'logging.googleapis.com/trace': 'projects/cloudact-testing-1/traces/0af7651916cd43dd8448eb211c80319c',
        'logging.googleapis.com/labels': {job: 'sample', runId: 'sample@1', attempt: '2'},
      })
    })

    it('keeps what belongs to a message that looks like a format', () => {
      assert.partialDeepStrictEqual(lines[1], {severity: 'WARNING', message: '80%d of %s done', counts: {done: 4}})
      assert.partialDeepStrictEqual(lines[1]?.['logging.googleapis.com/labels'], {attempt: '2'})
    })

    it('prints errors as Error Reporting reads them, with stack and cause', () => {
      const [, , line] = lines
      assert.partialDeepStrictEqual(line, {
        severity: 'ERROR',
        '@type': 'type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent',
        serviceContext: {service: 'cloudact-manual-sample'},
        part: 1,
      })
      const told = JSON.stringify(line)
      assert.match(told, /TypeError: outer\\n {4}at /)
      assert.match(told, /Caused by: Error: inner/)
      assert.match(told, /broke/)
    })

    it('never prints the key, wherever it came from', () => {
      assert.doesNotMatch(ended.stdout, /of\/the|of%2Fthe/)
      assert.partialDeepStrictEqual(lines[3], {
        message: 'the key is [secret CA_ROOT_API_KEY]',
        key: ['[secret CA_ROOT_API_KEY]'],
        text: '[secret CA_ROOT_API_KEY]',
      })
    })

    it('goes without a trace where there is none', () => {
      assert.equal('logging.googleapis.com/trace' in (lines[6] ?? {}), false)
    })
  })

  describe('for a person', () => {
    let ended: Ended
    before(async () => {
      ended = await runScript(script, {FORMAT: 'terminal', NO_COLOR: '1'})
    })

    it('prints time, level, run and attempt, message and values', () => {
      const [first = '', second = ''] = ended.stdout.split('\n')
      assert.match(first, /^\d\d:\d\d:\d\d\.\d{3} info {2}sample@1 #2 done counts=\{"done":3\}$/)
      assert.match(second, /warn {2}sample@1 #2 80%d of %s done counts=\{"done":4\}$/)
    })

    it('prints an error’s stack and its causes below', () => {
      assert.match(
        ended.stdout,
        /error sample@1 #2 broke part=1\nTypeError: outer\n {4}at [\s\S]*Caused by: Error: inner/,
      )
    })

    it('prints no key, no colour where that is not wanted, and nothing that a terminal obeys', () => {
      assert.doesNotMatch(ended.stdout, /of\/the|of%2Fthe/)
      assert.ok(!ended.stdout.includes('\u001b'))
      assert.match(ended.stdout, /sample@1 #2 two\nlines red\n/)
    })
  })

  describe('when a line can not be made', () => {
    const failing = `
      import {createLog} from './lib/log/log.ts'
      import {createRedact} from './lib/log/redact.ts'
      const redactKey = createRedact({CA_ROOT_API_KEY: ${JSON.stringify(key)}})
      const redact = value => {
        if (Object(value).isBad) throw new TypeError('no way with ${key}')
        return redactKey(value)
      }
      const log = await createLog({format: process.env.FORMAT, service: 's', projectId: 'cloudact-testing-1', redact})
      log.warn('about ${key}', {isBad: true})
      log.info('goes on')
    `
    for (const FORMAT of ['cloud', 'terminal']) {
      it(`prints its text and why, without secrets, and goes on (${FORMAT})`, async () => {
        const ended = await runScript(failing, {FORMAT, NO_COLOR: '1', METADATA_SERVER_DETECTION: 'none'})
        assert.deepEqual([ended.stderr, ended.exitCode], ['', 0])
        const secret = '[secret CA_ROOT_API_KEY]'
        const message = `about ${secret} (not logged whole: no way with ${secret})`
        const line = ended.stdout.split('\n').find(text => text.includes('not logged whole'))
        assert.deepEqual(JSON.parse(line ?? ''), {severity: 'WARNING', message})
        assert.match(ended.stdout, /goes on/)
      })
    }
  })
})

function isAboutLibrary(line: unknown): boolean {
  return line !== null && typeof line === 'object' && 'logging.googleapis.com/diagnostic' in line
}
