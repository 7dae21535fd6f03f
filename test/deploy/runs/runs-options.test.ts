import assert from 'node:assert/strict'
import {UsageError} from '../../../deploy/cli/usage-error.ts'
import {parseRunsOptions} from '../../../deploy/runs/runs-options.ts'
import {splitArgs} from '../../support/words.ts'

describe('parseRunsOptions', () => {
  const parse = (line: string) => parseRunsOptions(splitArgs(line))

  it('lists a week if it is told nothing else', () => {
    assert.deepEqual(parse('local'), {
      environment: 'local',
      runId: undefined,
      job: undefined,
      sinceSeconds: 604_800,
      onlyFailed: false,
      stats: false,
      check: false,
      follow: false,
      json: false,
    })
  })

  it('takes one run, without filters', () => {
    assert.partialDeepStrictEqual(parse('local bootstrap@1 --json'), {runId: 'bootstrap@1', json: true})
    for (const filter of ['--failed', '--check', '--since 1d', '--job bootstrap']) {
      assert.throws(() => parse(`local bootstrap@1 ${filter}`), UsageError)
    }
    assert.throws(() => parse('local "bootstrap; ls"'), /is no run id/)
    assert.partialDeepStrictEqual(parse('local bootstrap@1 --follow'), {runId: 'bootstrap@1', follow: true})
    assert.throws(() => parse('local --follow'), /follow which run\?/)
  })

  it('says what there is when it is asked', () => {
    const parsed = parseRunsOptions(['--help'])
    assert.ok('help' in parsed && parsed.help.includes('<env>'))
  })
})
