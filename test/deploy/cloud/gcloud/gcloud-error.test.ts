import assert from 'node:assert/strict'
import {toGcloudError} from '../../../../deploy/cloud/gcloud/gcloud-error.ts'

// Texts as gcloud 528 printed them.
const texts = {
  refused:
    "ERROR: (gcloud.services.list) [a@b.c] does not have permission to access projects instance [p] (or it may not exist): Permission 'serviceusage.services.list' denied on resource. This command is unauthenticated because the [auth/disable_credentials] property is True",
  pubsub:
    'ERROR: (gcloud.functions.list) PERMISSION_DENIED: The caller does not have permission. This command is authenticated as a@b.c which is the active account specified by the [core/account] property',
  nobody: 'ERROR: (gcloud.projects.describe) You do not currently have an active account selected.',
  expired: 'ERROR: (gcloud.projects.describe) UNAUTHENTICATED: Request had invalid authentication credentials.',
  disabled:
    'ERROR: (gcloud.functions.list) PERMISSION_DENIED: Cloud Functions API has not been used in project 1 before or it is disabled.',
  absent:
    'ERROR: (gcloud.functions.describe) ResponseError: status=[404], code=[NOT_FOUND], message=[Resource not found]',
}

describe('toGcloudError', () => {
  const kindOf = (text: string) => toGcloudError(['services', 'list'], {text}).kind

  it('tells a missing permission from a missing login, whatever gcloud says of the account besides', () => {
    assert.equal(kindOf(texts.refused), 'not permitted')
    assert.equal(kindOf(texts.pubsub), 'not permitted')
    assert.equal(kindOf(texts.nobody), 'not logged in')
    assert.equal(kindOf(texts.expired), 'not logged in')
  })

  it('finds the permission that a refusal names', () => {
    const {permission} = toGcloudError(['services', 'list'], {text: texts.refused})
    assert.equal(permission, 'serviceusage.services.list')
  })

  it('finds whom gcloud acted for, and names them as IAM does', () => {
    const accountOf = (text: string) => toGcloudError(['services', 'list'], {text}).account
    assert.equal(accountOf(texts.pubsub), 'user:a@b.c')
    assert.equal(accountOf(texts.refused), undefined)
    assert.equal(
      accountOf('x is authenticated as ci@p.iam.gserviceaccount.com which'),
      'serviceAccount:ci@p.iam.gserviceaccount.com',
    )
  })

  it('takes an API that was enabled a moment ago for busy, not for forbidden', () => {
    assert.equal(kindOf(texts.disabled), 'busy')
  })

  it('knows what is absent', () => {
    assert.equal(kindOf(texts.absent), 'not found')
  })
})
