import assert from 'node:assert/strict'
import {type PublishOptions, parsePublishOptions} from '../../../deploy/publish/publish-options.ts'
import {createSampleJob} from '../../support/sample-job.ts'
import {splitArgs} from '../../support/words.ts'

const jobs = [
  createSampleJob({shortcuts: ['s']}),
  createSampleJob({path: 'functions/daily/report.ts', schedule: '0 8 * * *', summary: 'Reports.'}),
]

const defaults: PublishOptions = {
  job: 'sample',
  environment: 'local',
  args: [],
  wait: true,
  timeoutSeconds: 900,
  isConfirmed: false,
  json: false,
  dryRun: false,
}

const right: [words: string, options: Partial<PublishOptions>][] = [
  ['sample local', {}],
  ['s prod --yes', {job: 's', environment: 'prod', isConfirmed: true}],
  ['--json sample --dry-run local', {json: true, dryRun: true}],
  ['sample local --no-wait', {wait: false}],
  ['sample local --timeout 90s', {timeoutSeconds: 90}],
  ['sample local --timeout=2h', {timeoutSeconds: 7200}],
  ['sample local --arg org=acme --arg org=initech', {args: ['org=acme', 'org=initech']}],
  ['sample local --arg "a=b c=d"', {args: ['a=b c=d']}],
  ['sample local --arg=org=acme', {args: ['org=acme']}],
  // Whether they exist is asked later, when there is a better answer than "wrong".
  ['nonsense nowhere', {job: 'nonsense', environment: 'nowhere'}],
]

const wrong: [words: string, message: RegExp][] = [
  ['', /^missing required argument 'job'/],
  ['sample', /^missing required argument 'env'/],
  ['sample local more', /^too many arguments/],
  ['sample local --forse', /^unknown option '--forse'/],
  ['sample local --timeout', /^option '--timeout <time>' argument missing/],
  ['sample local --timeout soon', /write a number and s, m, h or d/],
  ['sample local --arg', /^option '--arg <key=value>' argument missing/],
]

describe('parsePublishOptions', () => {
  for (const [words, options] of right) {
    it(`understands ${words}`, () => {
      assert.deepEqual(parsePublishOptions(splitArgs(words), jobs), {...defaults, ...options})
    })
  }

  for (const [words, message] of wrong) {
    it(`refuses ${words === '' ? 'nothing' : words}, and ends with the reason`, () => {
      assert.throws(
        () => parsePublishOptions(splitArgs(words), jobs),
        (error: Error) => {
          assert.match(error.message, message)
          return error.name === 'UsageError'
        },
      )
    })
  }

  for (const words of ['--help', '-h', '--json --help']) {
    it(`lists jobs, options and exit codes for ${words}`, () => {
      const request = parsePublishOptions(splitArgs(words), jobs)
      assert.ok('help' in request)
      assert.match(request.help, /Usage: npm run publish -- /)
      assert.match(request.help, /\n {2}sample {8}Does nothing\. \(s\)\n {2}daily-report {2}Reports\.\n/)
      assert.match(request.help, /Exit codes: 0 succeeded or skipped/)
    })
  }

  it('tells a job’s own arguments for its name and --help', () => {
    const request = parsePublishOptions(['s', '--help'], jobs)
    assert.ok('help' in request)
    assert.match(
      request.help,
      /^sample: Does nothing\.\n\nArguments of sample:\n {2}--arg org=<text> {2}an organization\n\nUsage/,
    )
  })

  it('takes no option’s value for the job that is asked about', () => {
    const request = parsePublishOptions(splitArgs('--timeout 15m --arg a=b --help'), jobs)
    assert.ok('help' in request)
    assert.match(request.help, /^Usage: /)
    const named = parsePublishOptions(splitArgs('--timeout 15m s local --help'), jobs)
    assert.ok('help' in named)
    assert.match(named.help, /^sample: /)
  })

  it('lists the jobs for an unknown name and --help', () => {
    assert.throws(() => parsePublishOptions(['sampel', '--help'], jobs), {
      name: 'UsageError',
      message: /nearest first:\n {2}sample, .*\nthere is no job "sampel": did you mean sample\?$/s,
    })
  })

  it('knows nothing of the words before', () => {
    parsePublishOptions(splitArgs('sample local --arg a=b --yes'), jobs)
    assert.deepEqual(parsePublishOptions(splitArgs('sample local'), jobs), defaults)
  })
})
