import assert from 'node:assert/strict'
import {toShortId} from '../../../../deploy/cloud/names/short-id.ts'

describe('toShortId', () => {
  it('names the accounts of the project without their domain', () => {
    const own = 'job-push@cloudact-prod.iam.gserviceaccount.com'
    assert.equal(toShortId(`binding r on function f for serviceAccount:${own}`), 'binding r on function f for job-push')
    assert.equal(toShortId(`dataset-access d for ${own}`), 'dataset-access d for job-push')
    assert.equal(
      toShortId('binding r on topic t for serviceAccount:service-1@gcp-sa-pubsub.iam.gserviceaccount.com'),
      "binding r on topic t for Pub/Sub's own account",
    )
  })

  it('leaves alone whatever else there is', () => {
    const foreign = 'binding roles/owner on topic t for user:job-x@example.com'
    assert.equal(toShortId(foreign), foreign)
  })
})
