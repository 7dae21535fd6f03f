import assert from 'node:assert/strict'
import sinon from 'sinon'
import {startLocalScheduler} from '../../../deploy/local/local-scheduler.ts'
import type {Job} from '../../../lib/job/job.ts'
import {createSampleJob} from '../../support/sample-job.ts'

describe('startLocalScheduler', () => {
  const jobs = ['one', 'two'].map(name =>
    createSampleJob({path: `functions/daily/${name}.ts`, schedule: '0 8 * * *', secrets: []}),
  )

  async function fireDay(isPaused: (job: Job) => Promise<boolean>) {
    const clock = sinon.useFakeTimers({
      now: new Date('2026-11-23T07:59:50Z'),
      toFake: ['Date', 'setTimeout', 'clearTimeout'],
    })
    const published: string[] = []
    const errors: string[] = []
    const scheduler = startLocalScheduler({
      jobs,
      isPaused,
      publisher: {
        async publish(topic, {attributes}) {
          published.push(`${topic} ${attributes['trigger']}`)
          return 'm-1'
        },
        close: () => Promise.resolve(),
      },
      onFire: () => {},
      onError: (job, error) => void errors.push(`${job.name}: ${error instanceof Error ? error.message : ''}`),
    })
    const upcoming = scheduler.upcoming().map(({at}) => at.toISOString())
    await clock.tickAsync(60_000)
    scheduler.stop()
    await clock.tickAsync(86_400_000)
    clock.restore()
    return {published, errors, upcoming}
  }

  it('publishes each job’s message at its time, to its topic, until stopped', async () => {
    const {published, upcoming} = await fireDay(async () => false)
    assert.deepEqual(published, ['cloudact-daily-one schedule', 'cloudact-daily-two schedule'])
    assert.deepEqual(upcoming, ['2026-11-23T08:00:00.000Z', '2026-11-23T08:00:00.000Z'])
  })

  it('leaves out what is paused at that time', async () => {
    const {published} = await fireDay(async ({name}) => name === 'daily-one')
    assert.deepEqual(published, ['cloudact-daily-two schedule'])
  })

  it('fires nothing where nobody can say whether it is paused, and tells', async () => {
    const {published, errors} = await fireDay(async ({name}) => {
      if (name === 'daily-one') throw new Error('unreadable')
      return false
    })
    assert.deepEqual(published, ['cloudact-daily-two schedule'])
    assert.deepEqual(errors, ['daily-one: unreadable'])
  })
})
