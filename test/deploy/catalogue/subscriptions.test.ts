import assert from 'node:assert/strict'
import {acknowledgementDeadlineSeconds, pushSubscriptionsOf, topicsOf} from '../../../deploy/catalogue/subscriptions.ts'
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

  it('gives a release job what is meant for it on the topic of all, with five', () => {
    assert.partialDeepStrictEqual(pushSubscriptionsOf([manual('bootstrap')])[0], {
      topic: 'manual-jobs',
      filter: 'attributes.job = "bootstrap"',
      endpointTopic: 'manual-jobs',
      maxDeliveryAttempts: 5,
    })
  })

  it('has one more for what is meant for nobody, by a path of its own', () => {
    assert.deepEqual(pushSubscriptionsOf([manual('a'), manual('b'), daily]).at(-1), {
      name: 'manual-jobs-unrouted',
      topic: 'manual-jobs',
      filter: 'NOT attributes.job = "a" AND NOT attributes.job = "b"',
      functionName: 'cloudact-manual-a',
      endpointTopic: 'manual-jobs-unrouted',
      maxDeliveryAttempts: 5,
    })
  })

  it('refuses release jobs for whose names the filter is too short, and takes those that just fit', () => {
    // 30 bytes but for the name, and 5 for each AND.
    const names = ['a', 'b', 'c', 'd', 'e', 'f'].map(deadLetter => deadLetter.repeat(12))
    const fits = pushSubscriptionsOf(names.map(manual)).at(-1)
    assert.ok(Buffer.byteLength(fits?.filter ?? '') <= 256, fits?.filter)
    assert.throws(() => pushSubscriptionsOf([...names, 'one-more'].map(manual)), {
      name: 'ConfigurationError',
      message: /longer than 256 bytes: give the manual jobs shorter names/,
    })
  })

  it('waits for an answer longer than any job may take', () => {
    assert.ok(acknowledgementDeadlineSeconds > daily.timeoutSeconds && acknowledgementDeadlineSeconds <= 600)
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
