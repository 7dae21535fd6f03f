import assert from 'node:assert/strict'
import {UsageError} from '../../../deploy/cli/usage-error.ts'
import {parseReplayOptions} from '../../../deploy/dead-letters/replay-options.ts'
import {splitArgs} from '../../support/words.ts'

describe('parseReplayOptions', () => {
  const parse = (line: string) => {
    const parsed = parseReplayOptions(splitArgs(line))
    assert.ok(!('help' in parsed))
    return parsed
  }

  it('takes ids, each once', () => {
    const {ids, wait, isForced, timeoutSeconds} = parse('local 1 2 1')
    assert.deepEqual(
      {ids, wait, isForced, timeoutSeconds},
      {ids: ['1', '2'], wait: undefined, isForced: false, timeoutSeconds: 900},
    )
    const nothing = {isForced: false, isConfirmed: false, json: false, dryRun: false}
    assert.partialDeepStrictEqual(parse('local 1'), nothing)
    const all = {isForced: true, isConfirmed: true, json: true, dryRun: true}
    assert.partialDeepStrictEqual(parse('local 1 --force --yes --json --dry-run'), all)
  })

  it('takes the filters of dead-letters with --all or --limit', () => {
    assert.deepEqual(parse('local --all').filter, {})
    const {filter, limit} = parse('local --job bootstrap --kind exhausted --limit 3')
    assert.deepEqual({filter, limit}, {filter: {job: 'bootstrap', kind: 'exhausted'}, limit: 3})
  })

  it('waits, or not, as it is told', () => {
    assert.deepEqual([parse('local 1 --wait').wait, parse('local 1 --no-wait').wait], [true, false])
  })

  for (const line of [
    '',
    'local',
    'local --job bootstrap',
    'local 1 --all',
    'local 1 --job bootstrap',
    'local --limit 0',
    'local 1 --limit 2',
    'local --limit 100000',
    'local --limit x1',
    'local --limit 1x',
  ]) {
    it(`refuses: ${line}`, () => {
      assert.throws(() => parse(line), UsageError)
    })
  }

  it('says what there is when it is asked', () => {
    const parsed = parseReplayOptions(['--help'])
    assert.ok('help' in parsed && parsed.help.includes('<env>'))
  })
})
