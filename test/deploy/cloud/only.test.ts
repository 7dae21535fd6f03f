import assert from 'node:assert/strict'
import {withRouter} from '../../../deploy/catalogue/subscriptions.ts'
import {createDeploymentScene, unfinished} from '../../support/deployment-scene.ts'

async function onlyScene(names: readonly string[]) {
  const scene = await createDeploymentScene()
  const {jobs} = scene.options
  const only = withRouter(
    jobs.filter(({name}) => names.includes(name)),
    jobs,
  )
  return {...scene, only}
}
const jobNames = (changes: readonly (readonly string[])[], functionName: string) =>
  /JOB_NAMES=([^,]*)/.exec(
    changes.findLast(args => args[1] === 'deploy' && args[2] === functionName)?.join(' ') ?? '',
  )?.[1]

describe('npm run deploy -- stage --only', () => {
  it('takes along the function that routes, and all that it needs, with a release job', async () => {
    const {apply, fake, only} = await onlyScene(['org-sync-all'])
    const {results} = await apply({only})
    assert.deepEqual(unfinished(results), [])
    assert.deepEqual([...(fake.documents.get('functions')?.keys() ?? [])].sort(), [
      'cloudact-manual-bootstrap',
      'cloudact-manual-org-sync-all',
    ])
    assert.deepEqual([...(fake.documents.get('pubsub subscriptions')?.keys() ?? [])].sort(), [
      'cloudact-manual-bootstrap',
      'cloudact-manual-org-sync-all',
      'dead-letters',
      'manual-jobs-unrouted',
    ])
  })

  it('tells it of the jobs that have a subscription, so that no message for another one vanishes', async () => {
    const {apply, fake, options, only} = await onlyScene(['org-sync-all'])
    await apply({only})
    const first = jobNames(fake.changes, 'cloudact-manual-bootstrap') ?? ''
    assert.match(first, /cloudact-manual-org-sync-all org-sync-all/)
    assert.doesNotMatch(first, /supabase-migrate|alerts/)
    const migrate = options.jobs.filter(({name}) => name === 'supabase-migrate')
    await apply({only: withRouter(migrate, options.jobs)})
    const second = jobNames(fake.changes, 'cloudact-manual-bootstrap') ?? ''
    assert.match(second, /cloudact-manual-org-sync-all/)
    assert.match(second, /cloudact-manual-supabase-migrate/)
  })

  it('leaves the topic of the release jobs alone with a scheduled one: without a subscription it loses messages', async () => {
    const {apply, fake, only} = await onlyScene(['daily-alerts'])
    assert.deepEqual(unfinished((await apply({only})).results), [])
    assert.deepEqual([...(fake.documents.get('pubsub topics')?.keys() ?? [])].sort(), [
      'cloudact-daily-alerts',
      'dead-letters',
    ])
  })
})
