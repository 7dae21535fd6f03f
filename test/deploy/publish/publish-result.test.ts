import assert from 'node:assert/strict'
import {parseEnvironmentName} from '../../../deploy/catalogue/environments.ts'
import {publishResult} from '../../../deploy/publish/publish-result.ts'
import {createEntry, createFinalError} from '../../support/ledger-entry.ts'
import {createSampleJob} from '../../support/sample-job.ts'

const what = {
  job: createSampleJob(),
  environment: parseEnvironmentName('stage', {}),
  runId: 'sample@1',
  args: {org: 'acme'},
}

describe('publishResult', () => {
  it('has all keys before there is anything to tell', () => {
    assert.deepEqual(publishResult({...what, dryRun: true}), {
      environment: 'stage',
      project: 'cloudact-testing-1',
      job: 'sample',
      context: 'OpenClaw doing nothing',
      runId: 'sample@1',
      args: {org: 'acme'},
      dryRun: true,
      wouldPublish: null,
      messageId: null,
      outcome: null,
      summary: null,
      counts: {},
      errors: [],
      deadLetter: null,
      attempts: 0,
      durationMilliseconds: null,
      exitCode: null,
    })
  })

  it('has the same keys when the run is over', () => {
    const error = {...createFinalError('permanent', '77'), details: ['a']}
    const over = publishResult({
      ...what,
      messageId: '5',
      entry: createEntry({event: 'failed', error}),
      attempts: 2,
      totalMilliseconds: 1200,
    })
    assert.deepEqual(Object.keys(over), Object.keys(publishResult(what)))
    assert.partialDeepStrictEqual(over, {
      messageId: '5',
      outcome: 'failed',
      summary: 'the API said no',
      errors: ['a'],
      deadLetter: '77',
      attempts: 2,
      durationMilliseconds: 1200,
      exitCode: 1,
    })
  })
})
