import assert from 'node:assert/strict'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import {UsageError} from '../../../deploy/cli/usage-error.ts'
import {withJobName} from '../../../deploy/dead-letters/dead-letter-filter.ts'

describe('withJobName', () => {
  it("puts the job's own name for any of its names", async () => {
    const jobs = await loadCatalogue()
    const options = {json: true, filter: {job: 'quota-daily', run: 'a@1'}}
    assert.deepEqual(withJobName(options, jobs), {json: true, filter: {job: 'daily-quota-reset', run: 'a@1'}})
  })

  it('leaves a filter without a job as it is', () => {
    const options = {filter: {run: 'a@1'}}
    assert.equal(withJobName(options, []), options)
  })

  it('leaves the name under which what names no job is on record', () => {
    const options = {filter: {job: 'unrouted'}}
    assert.equal(withJobName(options, []), options)
  })

  it('refuses a name that no job has', async () => {
    const jobs = await loadCatalogue()
    assert.throws(() => withJobName({filter: {job: 'no-such-job'}}, jobs), UsageError)
  })
})
