import assert from 'node:assert/strict'
import {UsageError} from '../../../deploy/cli/usage-error.ts'
import {parseLocalOptions} from '../../../deploy/local/local-options.ts'

describe('parseLocalOptions', () => {
  it('has nothing of a sandbox that is emptied, since that ends', () => {
    const options = parseLocalOptions(['--reset'])
    assert.equal('reset' in options && options.reset, true)
    for (const more of [
      ['--now', 'stale-cleanup'],
      ['--schedule'],
      ['--env', 'DAYS_TO_KEEP=30'],
      ['--fault', 'alerts:500x3'],
      ['--organizations', '20'],
      ['--latency', '2s'],
    ]) {
      assert.throws(
        () => parseLocalOptions(['--reset', ...more]),
        (error: unknown) => {
          assert.ok(error instanceof UsageError)
          assert.match(
            error.message,
            new RegExp(`^--reset empties the sandbox and ends, so ${more[0]} would do nothing`),
          )
          assert.ok(error.message.endsWith(`: npm run local -- --reset, then: npm run local -- ${more.join(' ')}`))
          return true
        },
      )
    }
  })
})
