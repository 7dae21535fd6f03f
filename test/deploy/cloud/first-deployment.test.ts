import assert from 'node:assert/strict'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import {exitCodeFor} from '../../../deploy/cloud/deployment.ts'
import {toGcloudError} from '../../../deploy/cloud/gcloud/gcloud-error.ts'
import {whileBusy} from '../../../deploy/cloud/plan/retry.ts'
import {createDeploymentScene, unfinished} from '../../support/deployment-scene.ts'

type Refusal = (args: readonly string[]) => string | undefined

const accountIn = (args: readonly string[]) => /job-[\w-]+@[\w-]+\.iam\.gserviceaccount\.com/.exec(args.join(' '))?.[0]
const topicIn = (args: readonly string[]) =>
  /--topic=(?:projects\/[\w-]+\/topics\/)?([\w-]+)|topics add-iam-policy-binding ([\w-]+)/
    .exec(args.join(' '))
    ?.slice(1)
    .find(name => name !== undefined)
/** gcloud's words about an account that was just made. */
const ofAccount =
  (text: (account: string) => string): Refusal =>
  args => {
    const account = accountIn(args)
    return account === undefined ? undefined : text(account)
  }
const of =
  (start: string, text: string): Refusal =>
  args =>
    args.join(' ').startsWith(start) ? text : undefined

const refusals: Readonly<Record<string, Refusal>> = {
  'an account that does not exist': ofAccount(
    account => `ERROR: (gcloud.x) INVALID_ARGUMENT: Service account ${account} does not exist.`,
  ),
  'an account that was not found': ofAccount(
    account => `ERROR: (gcloud.x) HTTPError 404: Service account ${account} was not found.`,
  ),
  'an account that is invalid': ofAccount(
    account =>
      `ERROR: (gcloud.x) ResponseError: status=[400], message=[The request has an invalid service account: ${account}]`,
  ),
  'an unknown account': ofAccount(account => `ERROR: (gcloud.x) NOT_FOUND: Unknown service account ${account}`),
  'an account that nobody may act as': ofAccount(
    account =>
      `ERROR: (gcloud.functions.deploy) ResponseError: status=[403], code=[Ok], message=[Caller is missing permission 'iam.serviceaccounts.actAs' on service account ${account}. Grant the role]`,
  ),
  'a member that does not exist': ofAccount(
    account =>
      `ERROR: Policy modification failed. For a binding with condition None, member serviceAccount:${account} does not exist`,
  ),
  'a topic that is not found': args => {
    const topic = topicIn(args)
    return topic === undefined ? undefined : `ERROR: (gcloud.x) NOT_FOUND: Resource not found (resource=${topic}).`
  },
  'a repository that is not there': of(
    'functions deploy',
    'ERROR: (gcloud.functions.deploy) ResponseError: status=[403], code=[Ok], message=[Unable to retrieve the repository metadata for projects/p/locations/us-central1/repositories/gcf-artifacts. Ensure that the Cloud Functions service account has permissions]',
  ),
  'a metric without data': of(
    'alpha monitoring policies create',
    'ERROR: (gcloud.alpha.monitoring.policies.create) NOT_FOUND: Cannot find metric(s) that match type = "logging.googleapis.com/user/cloudact_job_runs". If a metric was created recently, it could take up to 10 minutes to become available.',
  ),
  'an API that was just enabled': of(
    'pubsub topics create',
    'ERROR: (gcloud.x) PERMISSION_DENIED: Cloud Pub/Sub API has not been used in project 1 before or it is disabled. SERVICE_DISABLED',
  ),
  "Google's own account, before it exists": args =>
    args.join(' ').includes('gcp-sa-pubsub')
      ? 'ERROR: (gcloud.x) INVALID_ARGUMENT: Service account service-123@gcp-sa-pubsub.iam.gserviceaccount.com does not exist.'
      : undefined,
  'a failed precondition': () => 'ERROR: (gcloud.x) HTTPError 412: Precondition check failed.',
  'a 500': () => 'ERROR: (gcloud.x) HTTPError 500: Internal error encountered.',
  'a 502': () => 'ERROR: (gcloud.x) HTTPError 502: Bad Gateway',
  'an operation that broke': of(
    'functions deploy',
    'ERROR: (gcloud.functions.deploy) OperationError: code=13, message=None',
  ),
}

const isChange = (args: readonly string[]) => !args.some(word => ['list', 'describe', 'get-iam-policy'].includes(word))

describe('a first deployment', () => {
  for (const [title, refuse] of Object.entries(refusals)) {
    it(`is done without a second command, whatever is refused first because of ${title}`, async () => {
      const reasons = new Set<string>()
      const {apply, fake} = await createDeploymentScene()
      const refused = new Map<string, number>()
      fake.refuse = args => {
        const key = args.filter(word => !word.startsWith('--config-from-file')).join(' ')
        const times = refused.get(key) ?? 0
        const text = isChange(args) ? refuse(args) : undefined
        if (text === undefined || times === 5) return undefined
        refused.set(key, times + 1)
        return text
      }
      const {plan, results} = await apply({onWait: (_, reason) => void (reason !== undefined && reasons.add(reason))})
      assert.deepEqual(unfinished(results), [])
      assert.equal(exitCodeFor(plan, results, false), 0)
      assert.ok(refused.size > 0)
      assert.match([...reasons][0] ?? '', /^(?:not known everywhere yet|Google is busy): .*; next try in \d+ s$/)
    })
  }

  it('repeats the one change of access to a dataset while BigQuery knows an account not yet, or is busy', async () => {
    const {apply, ledger} = await createDeploymentScene()
    const bigQueryError = (code: number, reason: string, message: string) =>
      Object.assign(new Error(message), {code, errors: [{reason, message}]})
    const left = [
      bigQueryError(
        400,
        'invalid',
        'IAM setPolicy failed: User job-daily-alerts@cloudact-testing-1.iam.gserviceaccount.com does not exist.',
      ),
      bigQueryError(403, 'rateLimitExceeded', 'Exceeded rate limits: too many dataset metadata update operations'),
      bigQueryError(409, 'conflict', 'Conflict'),
      bigQueryError(412, 'conditionNotMet', 'Precondition Failed'),
    ]
    const {results} = await apply({
      ledger: {
        ...ledger,
        async apply(command) {
          const error =
            command.change === 'let write' && command.dataset === 'scheduler_jobs' ? left.shift() : undefined
          if (error !== undefined) throw error
          return ledger.apply(command)
        },
      },
    })
    assert.deepEqual(unfinished(results), [])
    assert.deepEqual(left, [])
    const grants = ledger.changes.filter(change => change.endsWith('write in scheduler_jobs'))
    assert.equal(grants.length, 1)
    assert.match(grants[0] ?? '', /let job-manual-bootstrap@\S+, job-daily-alerts@/)
  })

  it('takes the same words about what it did not make for a refusal, at once and with a fix', async () => {
    const {apply, fake} = await createDeploymentScene()
    fake.refuse = args =>
      args[1] === 'deploy'
        ? 'ERROR: (gcloud.functions.deploy) INVALID_ARGUMENT: Service account builder@cloudact-testing-1.iam.gserviceaccount.com does not exist.'
        : undefined
    const waits: number[] = []
    const {results} = await apply({wait: async milliseconds => void waits.push(milliseconds)})
    const failed = results.filter(({state}) => state === 'failed')
    assert.equal(failed.length, (await loadCatalogue()).length)
    assert.match(
      failed[0]?.reason ?? '',
      /does not exist\.+ This deployment did not create it: check that it exists \(gcloud iam/,
    )
    assert.deepEqual(waits, [])
  })

  const waitsFor = async (text: string) => {
    let waited = 0
    const act = () => Promise.reject(toGcloudError(['x'], {text}))
    const wait = async (milliseconds: number) => {
      waited += milliseconds
    }
    await assert.rejects(whileBusy(act, {wait, random: () => 0, isMade: refusal => refusal.includes('made')}))
    return waited
  }

  it('waits at least four minutes for what it made, ten for a metric, and not at all for anything else', async () => {
    assert.ok((await waitsFor('ERROR: Service account made@x does not exist.')) >= 240_000)
    assert.ok((await waitsFor('ERROR: HTTPError 500: Internal error')) >= 240_000)
    assert.ok((await waitsFor('ERROR: NOT_FOUND: Cannot find metric(s) that match type = "made"')) >= 600_000)
    assert.equal(await waitsFor('ERROR: Service account other@x does not exist.'), 0)
  })
})
