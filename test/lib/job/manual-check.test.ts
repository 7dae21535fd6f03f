import assert from 'node:assert/strict'
import {manualCheckOf, withoutManualCheck} from '../../../lib/job/manual-check.ts'
import {createSampleJob} from '../../support/sample-job.ts'

const job = createSampleJob({
  idempotent: false,
  manualCheck: 'Check the mail.',
  sandboxCheck: 'Check npm run sandbox -- requests.',
})

describe('manualCheckOf', () => {
  it('is what can be done in the environment', () => {
    assert.equal(manualCheckOf(job, 'cloudact-prod'), 'Check the mail.')
    assert.equal(manualCheckOf(job, 'cloudact-local'), 'Check npm run sandbox -- requests.')
  })

  it('is the same everywhere where the sandbox has the same to look at', () => {
    const same = createSampleJob({idempotent: false, manualCheck: 'Check the mail.'})
    assert.equal(manualCheckOf(same, 'cloudact-local'), 'Check the mail.')
  })
})

describe('withoutManualCheck', () => {
  it('leaves what happened', () => {
    assert.equal(withoutManualCheck('It broke off. Check the mail. To run it again: …', job), 'It broke off.')
    assert.equal(withoutManualCheck('It broke off. Check npm run sandbox -- requests. More', job), 'It broke off.')
  })

  it('leaves a reason of another kind, another text, or another job as it is', () => {
    assert.equal(withoutManualCheck('The API said no', job), 'The API said no')
    assert.equal(withoutManualCheck('It broke off. Check the letter box.', job), 'It broke off. Check the letter box.')
    assert.equal(withoutManualCheck('It broke off. Check the mail.', undefined), 'It broke off. Check the mail.')
  })
})
