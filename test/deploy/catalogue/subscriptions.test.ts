import assert from 'node:assert/strict'
import {
  acknowledgementDeadlineSeconds,
  pushSubscriptionsOf,
  routingVariables,
  topicsOf,
} from '../../../deploy/catalogue/subscriptions.ts'
import {createSampleJob} from '../../support/sample-job.ts'

const manual = (name: string) => createSampleJob({path: `functions/manual/${name}.ts`})
const daily = createSampleJob({path: 'functions/daily/report.ts', schedule: '0 8 * * *', timeoutSeconds: 540})

describe('pushSubscriptionsOf', () => {
  it('gives a scheduled job all that comes on its topic, with ten deliveries', () => {
    assert.deepEqual(pushSubscriptionsOf([daily]), [
      {
        name: 'cloudact-daily-report',
        topic: 'cloudact-daily-report',
        filter: undefined,
        functionName: 'cloudact-daily-report',
        endpointTopic: 'cloudact-daily-report',
        maxDeliveryAttempts: 10,
      },
    ])
  })

  it('gives a release job what is meant for it on the topic of all, with twenty deliveries', () => {
    assert.partialDeepStrictEqual(pushSubscriptionsOf([manual('bootstrap')])[0], {
      topic: 'manual-jobs',
      filter: 'attributes.job = "bootstrap"',
      endpointTopic: 'manual-jobs',
      maxDeliveryAttempts: 20,
    })
  })

  it('has one more for everything on that topic, without a filter and by a path of its own', () => {
    assert.deepEqual(pushSubscriptionsOf([manual('a'), manual('b'), daily]).at(-1), {
      name: 'manual-jobs-unrouted',
      topic: 'manual-jobs',
      filter: undefined,
      functionName: 'cloudact-manual-a',
      endpointTopic: 'manual-jobs-unrouted',
      maxDeliveryAttempts: 20,
    })
  })

  it('takes any number of release jobs, however long their names are', () => {
    const names = Array.from({length: 40}, (_, index) => `${'long-name'.repeat(3)}-${index}`)
    assert.equal(pushSubscriptionsOf(names.map(manual)).at(-1)?.name, 'manual-jobs-unrouted')
  })

  it('waits for an answer longer than any job may take', () => {
    assert.ok(acknowledgementDeadlineSeconds > daily.timeoutSeconds && acknowledgementDeadlineSeconds <= 600)
  })
})

describe('routingVariables', () => {
  it('names every job, each with what the command line takes, to the function that gets every message', () => {
    const jobs = [createSampleJob({path: 'functions/manual/a.ts', shortcuts: ['aa']}), manual('b'), daily]
    assert.deepEqual(routingVariables('cloudact-manual-a', jobs), {
      JOB_NAMES: 'cloudact-manual-a a manual-a aa; cloudact-manual-b b manual-b; cloudact-daily-report daily-report',
    })
    assert.deepEqual(routingVariables('cloudact-manual-b', jobs), {})
    assert.deepEqual(routingVariables('cloudact-daily-report', [daily]), {})
  })
})

describe('topicsOf', () => {
  it('has each topic once, and that of the dead letters', () => {
    assert.deepEqual(topicsOf([manual('a'), manual('b'), daily]), [
      'cloudact-daily-report',
      'dead-letters',
      'manual-jobs',
    ])
  })
})
