import assert from 'node:assert/strict'
import {UsageError} from '../../../deploy/cli/usage-error.ts'
import {parseDeadLettersOptions} from '../../../deploy/dead-letters/dead-letters-options.ts'
import {splitArgs} from '../../support/words.ts'

describe('parseDeadLettersOptions', () => {
  const parse = (line: string) => parseDeadLettersOptions(splitArgs(line))

  it('lists, shows and discards', () => {
    assert.deepEqual(parse('local'), {environment: 'local', json: false, verb: 'list', filter: {}})
    assert.deepEqual(parse('stage show 12 --json'), {environment: 'stage', json: true, verb: 'show', id: '12'})
    assert.deepEqual(parse('prod discard 1 2 1 --reason " too late " --yes'), {
      environment: 'prod',
      json: false,
      verb: 'discard',
      ids: ['1', '2'],
      filter: {},
      limit: undefined,
      dryRun: false,
      reason: 'too late',
      isAbsentToo: false,
      isConfirmed: true,
    })
    assert.partialDeepStrictEqual(parse('prod discard 1 --reason x --absent'), {isAbsentToo: true})
  })

  it('names a word that is no verb', () => {
    assert.throws(() => parse('local nonsense 5'), /"nonsense" is neither show nor discard/)
  })

  it('filters by job, run, kind and time', () => {
    const {filter} = {filter: {}, ...parse('local --job bootstrap --run a@1 --kind unknown-outcome --since 2h')}
    assert.deepEqual(filter, {job: 'bootstrap', run: 'a@1', kind: 'unknown outcome', since: 7200})
  })

  it('discards by filters, and previews that', () => {
    assert.partialDeepStrictEqual(parse('local discard --all --kind unreadable --reason x --dry-run'), {
      ids: [],
      filter: {kind: 'unreadable'},
      dryRun: true,
    })
    assert.partialDeepStrictEqual(parse('prod discard 1 --reason x'), {isConfirmed: false, json: false, dryRun: false})
    assert.partialDeepStrictEqual(parse('local discard --limit 12 --reason x'), {limit: 12})
    assert.partialDeepStrictEqual(parse('local discard --limit 3 --reason x'), {limit: 3, dryRun: false})
  })

  for (const line of [
    '',
    'local list 5',
    'local show',
    'local show 1 2',
    'local discard --reason x',
    'local discard 1',
    'local discard 1 --reason " "',
    'local show 1 --job bootstrap',
    'local --reason x',
    'local --kind odd',
    'local --since 2',
    'local --all',
    'local --dry-run',
    'local --absent',
    'local --limit 3',
    'local nonsense 5 --reason x',
    'local discard 1 --limit 2 --reason x',
    'local discard --limit 1x --reason x',
    'local discard --limit x1 --reason x',
    'local discard 1 --all --reason x',
    'local discard --kind unreadable --reason x',
  ]) {
    it(`refuses: ${line}`, () => {
      assert.throws(() => parse(line), UsageError)
    })
  }

  it('says what there is when it is asked', () => {
    const parsed = parseDeadLettersOptions(['--help'])
    assert.ok('help' in parsed && parsed.help.includes('<env>'))
  })
})
