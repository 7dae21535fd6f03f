import assert from 'node:assert/strict'
import fc from 'fast-check'
import {parseFunctionTarget, parseJobPath} from '../../../lib/job/job-name.ts'

describe('parseJobPath', () => {
  it('gives all names of a scheduled job, with a topic of its own', () => {
    assert.deepEqual(parseJobPath('functions/daily/quota-reset.ts'), {
      name: 'daily-quota-reset',
      group: 'daily',
      functionName: 'cloudact-daily-quota-reset',
      topic: 'cloudact-daily-quota-reset',
      path: 'functions/daily/quota-reset.ts',
    })
  })

  it('gives those of a release job, which all share a topic', () => {
    assert.partialDeepStrictEqual(parseJobPath('functions/manual/bootstrap.ts'), {
      name: 'bootstrap',
      functionName: 'cloudact-manual-bootstrap',
      topic: 'manual-jobs',
    })
  })

  for (const path of [
    'functions/weekly/report.ts',
    'functions/daily/Report.ts',
    'functions/daily/two_words.ts',
    'functions/daily/-report.ts',
    'functions/daily/report-.ts',
    'functions/daily/a--b.ts',
    'functions/daily/1st.ts',
    'functions/daily/sub/report.ts',
    'functions/daily/../manual/bootstrap.ts',
    'functions/daily/report.js',
    '/functions/daily/report.ts',
    'functions/daily/report.ts\n',
    `functions/daily/${'a'.repeat(50)}.ts`,
  ]) {
    it(`refuses ${JSON.stringify(path).slice(0, 60)}`, () => {
      assert.throws(() => parseJobPath(path), {name: 'ConfigurationError', message: /is no place for a job/})
    })
  }

  it('takes a name of exactly 63 characters', () => {
    const {functionName} = parseJobPath(`functions/daily/${'a'.repeat(63 - 'cloudact-daily-'.length)}.ts`)
    assert.equal(functionName.length, 63)
  })
})

describe('parseFunctionTarget', () => {
  it('gives back the file that a function was made of', () => {
    assert.equal(parseFunctionTarget('cloudact-daily-quota-reset').path, 'functions/daily/quota-reset.ts')
  })

  for (const target of [
    undefined,
    '',
    'bootstrap',
    'cloudact-manual-',
    'cloudact-manual-../../etc/passwd',
    'cloudact-manual-..%2f..%2fetc',
    'cloudact-manual-bootstrap/../x',
    '../functions/manual/bootstrap',
    'cloudact-manual-bootstrap\n',
    'cloudact-manual-bootstrap.ts',
    'cloudact-manual-bootstrap\u0000',
    'cloudact-other-bootstrap',
    'CLOUDACT-manual-bootstrap',
    'data:text/javascript,alert(1)',
    'constructor',
  ]) {
    it(`refuses ${JSON.stringify(target)}`, () => {
      assert.throws(() => parseFunctionTarget(target), {
        name: 'ConfigurationError',
        message: /FUNCTION_TARGET must name/,
      })
    })
  }

  it('names a file below functions/ or nothing, whatever it is given', () => {
    const pieces = fc.array(
      fc.constantFrom('cloudact-', 'manual-', 'daily-', '..', '/', '\\', 'a', '\n', '.ts', '%2e', '?', '#', ':'),
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          pieces.map(parts => parts.join('')),
        ),
        target => {
          try {
            assert.match(parseFunctionTarget(target).path, /^functions\/(daily|monthly|manual)\/[a-z0-9-]+\.ts$/)
          } catch (error) {
            assert.equal((error as Error).name, 'ConfigurationError')
          }
        },
      ),
      {numRuns: 500},
    )
  })
})
