import assert from 'node:assert/strict'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import {parseDeployedSince} from '../../../deploy/cloud/names/deployed-since.ts'
import {createCloudSchedules} from '../../../deploy/schedules/cloud-schedules.ts'
import type {Job} from '../../../lib/job/job.ts'
import {createGcloudFake} from '../../support/gcloud-fake.ts'

describe('createCloudSchedules', () => {
  let jobs: readonly Job[]
  before(async () => {
    jobs = await loadCatalogue()
  })

  const scene = (states: Readonly<Record<string, string>>) => {
    const fake = createGcloudFake({secrets: [], readConfig: () => ({})})
    const documents = Object.entries(states).map(
      ([name, state]) => [name, {name: `projects/p/jobs/${name}`, state}] as const,
    )
    fake.documents.set('scheduler jobs', new Map(documents))
    return {fake, schedules: createCloudSchedules(jobs, fake.gcloud)}
  }
  const jobNamed = (name: string): Job => {
    const found = jobs.find(job => job.name === name)
    assert.ok(found !== undefined)
    return found
  }

  it('tells what fires, what is paused, what is not there, and what is out of order', async () => {
    const {schedules} = scene({
      'cloudact-daily-alerts-trigger': 'ENABLED',
      'cloudact-daily-quota-reset-trigger': 'PAUSED',
      'cloudact-daily-stale-cleanup-trigger': 'UPDATE_FAILED',
      'somebody-elses': 'PAUSED',
    })
    const scheduled = jobs.filter(({schedule}) => schedule !== undefined).map(({name}) => [name, 'absent'] as const)
    assert.deepEqual(Object.fromEntries(await schedules.states()), {
      ...Object.fromEntries(scheduled),
      'daily-alerts': 'enabled',
      'daily-quota-reset': 'paused',
      'daily-stale-cleanup': 'unknown',
    })
  })

  it('says since when each job is deployed, as its deployment recorded it', async () => {
    const {schedules, fake} = scene({
      'cloudact-daily-alerts-trigger': 'ENABLED',
      'cloudact-daily-quota-reset-trigger': 'ENABLED',
    })
    const documents = fake.documents.get('scheduler jobs')
    const name = 'cloudact-daily-alerts-trigger'
    documents?.set(name, {...documents.get(name), description: 'Deployed since 2026-11-26T08:00:00.000Z'})
    const [since] = await Promise.all([schedules.deployedSince(), schedules.states()])
    assert.deepEqual([...since], [['daily-alerts', new Date('2026-11-26T08:00:00Z')]])
    assert.equal(parseDeployedSince('Deployed since yesterday'), undefined)
    assert.equal(parseDeployedSince('Sends alerts since 2026-11-26T08:00:00.000Z'), undefined)
  })

  it('takes a schedule for paused since it fired last, or ever since where it never did', async () => {
    const {schedules, fake} = scene({
      'cloudact-daily-alerts-trigger': 'PAUSED',
      'cloudact-daily-quota-reset-trigger': 'PAUSED',
      'cloudact-daily-stale-cleanup-trigger': 'ENABLED',
    })
    const name = 'cloudact-daily-alerts-trigger'
    const lastAttemptTime = '2026-11-23T08:00:00.123456Z'
    fake.documents.get('scheduler jobs')?.set(name, {name, state: 'PAUSED', lastAttemptTime})
    assert.deepEqual(Object.fromEntries(await schedules.pausedSince()), {
      'daily-alerts': new Date('2026-11-23T08:00:00.123Z'),
      'daily-quota-reset': new Date(0),
    })
  })

  it('pauses and resumes the one trigger', async () => {
    const {schedules, fake} = scene({'cloudact-daily-alerts-trigger': 'ENABLED'})
    await schedules.pause(jobNamed('daily-alerts'))
    assert.equal((await schedules.states()).get('daily-alerts'), 'paused')
    await schedules.resume(jobNamed('daily-alerts'))
    assert.equal((await schedules.states()).get('daily-alerts'), 'enabled')
    const place = '--location=us-central1'
    assert.deepEqual(fake.changes, [
      ['scheduler', 'jobs', 'pause', 'cloudact-daily-alerts-trigger', place],
      ['scheduler', 'jobs', 'resume', 'cloudact-daily-alerts-trigger', place],
    ])
  })
})
