import assert from 'node:assert/strict'
import {toGcloudError} from '../../../../deploy/cloud/gcloud/gcloud-error.ts'
import {describeRefusal} from '../../../../deploy/cloud/gcloud/refusal-fix.ts'

// Texts as gcloud 528 printed them.
const texts = {
  refused:
    "ERROR: (gcloud.services.list) [a@b.c] does not have permission to access projects instance [p] (or it may not exist): Permission 'serviceusage.services.list' denied on resource. This command is unauthenticated because the [auth/disable_credentials] property is True",
  pubsub:
    'ERROR: (gcloud.functions.list) PERMISSION_DENIED: The caller does not have permission. This command is authenticated as a@b.c which is the active account specified by the [core/account] property',
  nobody: 'ERROR: (gcloud.projects.describe) You do not currently have an active account selected.',
  expired: 'ERROR: (gcloud.projects.describe) UNAUTHENTICATED: Request had invalid authentication credentials.',
  disabled:
    'ERROR: (gcloud.functions.list) PERMISSION_DENIED: Cloud Functions API has not been used in project 1 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/cloudfunctions.googleapis.com/overview?project=1 then retry.',
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

  it('says of an API that is off that it may be new, and how to enable it', () => {
    const error = toGcloudError(['functions', 'list'], {text: texts.disabled})
    assert.deepEqual([error.kind, error.mayBeNew], ['refused', true])
    assert.match(
      describeRefusal(error, 'p'),
      /gcloud services enable cloudfunctions\.googleapis\.com --project=p, wait/,
    )
  })

  it('takes every 5xx, 409, 412 and 429 for busy, in whichever words gcloud says it', () => {
    for (const text of [
      'ERROR: (gcloud.x) HTTPError 500: Internal error encountered.',
      'ERROR: (gcloud.x) HTTPError 502: Bad Gateway',
      'ERROR: (gcloud.x) ResponseError: status=[503], code=[Service Unavailable], message=[x]',
      'ERROR: (gcloud.x) INTERNAL: Internal error encountered.',
      'ERROR: (gcloud.functions.deploy) OperationError: code=13, message=None',
      'ERROR: (gcloud.x) HTTPError 412: Precondition check failed.',
      'ERROR: (gcloud.x) HTTPError 403: Exceeded rate limits: rateLimitExceeded',
      'ERROR: (gcloud.x) ABORTED: There were concurrent policy changes.',
    ]) {
      assert.equal(kindOf(text), 'busy', text)
    }
    assert.equal(kindOf('ERROR: (gcloud.functions.deploy) OperationError: code=3, message=Build failed'), 'refused')
    assert.equal(kindOf("ERROR: (gcloud.x) argument --ingress: Invalid choice: 'internal-onl'"), 'refused')
  })

  it('knows what is absent', () => {
    assert.equal(kindOf(texts.absent), 'not found')
  })
})
